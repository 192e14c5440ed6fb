/** Whether what is typed is a name and no number: at least two words, none with a digit. */
export function isName(text: string): boolean {
  return /^[^\d]*\p{L}[^\d]*[\s,]+[^\d]*\p{L}[^\d]*$/u.test(text.trim());
}

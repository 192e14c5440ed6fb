/* The inner loops of the X12 reader, for machines that can compile them.
 *
 * Everything here is also done, with the same answers, by the NumPy code that calls it (`kernel.py` says
 * when). Two principles keep the two the same. What is only moved (offsets, bytes) is moved completely.
 * What is judged is only passed where it is plainly good; whatever is not is left to the NumPy code, which
 * alone knows what is wrong and how to say it.
 *
 * Little-endian machines only. Offsets are 32-bit: a block is far smaller than 2 GB. The data has 16 bytes
 * of zeros after its end, so that a load of eight bytes at the last one stays inside.
 */
#include <stdint.h>
#include <string.h>

/* As widths.py has them; cw_widths reports them. */
#define LOOP_BITS 16
#define TAG_BITS 24
#define QUALIFIER_BITS 24
#define MAX_STAGES 16
#define MAX_ELEMENTS 32
#define LENGTHS 128

/* In the order of specification.Verdict. */
enum { FINE, MISSING, TOO_SHORT, TOO_LONG, NOT_USED, TOO_MANY, LONG, CODE, REAL, WHOLE, DATE, TIME, DATED, COMPOSITE,
       SEPARATED };

static inline uint32_t load4(const uint8_t *at) { uint32_t word; memcpy(&word, at, 4); return word; }
static inline uint64_t load8(const uint8_t *at) { uint64_t word; memcpy(&word, at, 8); return word; }

static const uint32_t LOW4[5] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFFu};

/* A value of up to four bytes as a number; 0 for what is empty or longer. */
static inline uint32_t code_of(const uint8_t *at, int32_t length) {
    return length > 0 && length <= 4 ? load4(at) & LOW4[length] : 0;
}

/* Narrow a value to one of its components, from 1; to nothing where it has fewer. 0 leaves it whole. */
static inline void to_component(const uint8_t *data, int32_t *begin, int32_t *stop, int32_t component,
                                uint8_t separator) {
    for (int32_t part = 1; part <= component; part++) {
        const uint8_t *cut = memchr(data + *begin, separator, (size_t)(*stop - *begin));
        if (part == component) { if (cut) *stop = (int32_t)(cut - data); }
        else if (cut) *begin = (int32_t)(cut - data) + 1;
        else { *begin = *stop; break; }
    }
}

/* Which source this was made from, so that a stale build is not used. */
uint64_t cw_source(void) { return CW_SOURCE; }

void cw_widths(int64_t *widths) {
    const int64_t own[] = {LOOP_BITS, TAG_BITS, QUALIFIER_BITS, MAX_STAGES, MAX_ELEMENTS, LENGTHS};
    memcpy(widths, own, sizeof own);
}

/* ---- Segments and elements --------------------------------------------------------------------------- */

/* Terminators, element separators and component separators among the bytes. */
void cw_count(const uint8_t *data, int64_t size, uint8_t terminator, uint8_t element, uint8_t component,
              int64_t *found) {
    int64_t ends = 0, elements = 0, components = 0;
    for (int64_t at = 0; at < size;) {
        /* Small counters, so that the compiler can count many bytes at once. */
        uint8_t e = 0, s = 0, c = 0;
        int64_t stop = at + 255 < size ? at + 255 : size;
        for (; at < stop; at++) {
            e += data[at] == terminator;
            s += data[at] == element;
            c += data[at] == component;
        }
        ends += e; elements += s; components += c;
    }
    found[0] = ends; found[1] = elements; found[2] = components;
}

static inline int is_white(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

/* As tokenizer.tokenize. Returns the number of segments; `present` has a bit for each element that holds
 * anything, and `cuts` the offsets of the component separators. */
int64_t cw_tokenize(const uint8_t *data, int64_t size, uint8_t terminator, uint8_t element, uint8_t component,
                    int32_t *start, int32_t *end, uint32_t *tag, int32_t *first, uint32_t *present,
                    int32_t *element_start, int32_t *element_end, int32_t *cuts) {
    int64_t segments = 0, elements = 0, at = 0;
    uint8_t special[256] = {0};
    special[component] = 1; special[element] = 2; special[terminator] = 3;
    first[0] = 0;
    while (at < size) {
        int64_t begin = at, named = -1, opened = elements;
        uint32_t held = 0;
        for (;; at++) {
            uint8_t kind = at < size ? special[data[at]] : 3;
            if (!kind) continue;
            if (kind == 1) { *cuts++ = (int32_t)at; continue; }
            if (named < 0) named = at;
            else {
                int64_t ordinal = elements - opened - 1;
                element_end[elements - 1] = (int32_t)at;
                if (at > element_start[elements - 1])
                    held |= 1u << (ordinal < MAX_ELEMENTS ? ordinal : MAX_ELEMENTS - 1);
            }
            if (kind == 3) break;
            element_start[elements++] = (int32_t)at + 1;
        }
        int64_t text = begin;
        while (text < at && is_white(data[text])) text++;
        if (text < at) {
            int64_t length = named - text;
            start[segments] = (int32_t)text;
            end[segments] = (int32_t)at;
            tag[segments] = length == 2 ? load4(data + text) & 0xFFFF : length == 3 ? load4(data + text) & 0xFFFFFF : 0;
            present[segments] = held;
            first[++segments] = (int32_t)elements;
        } else {
            elements = opened;
        }
        at++;
    }
    return segments;
}

/* ---- Where segments stand ---------------------------------------------------------------------------- */

/* The qualifier of each segment whose tag has one: `tags` with the element (from 0) and the component
 * (from 1, or 0) that hold it. */
void cw_qualifiers(const uint8_t *data, int64_t segments, const uint32_t *tag, const int32_t *first,
                   const int32_t *element_start, const int32_t *element_end, uint8_t separator,
                   const uint32_t *tags, const int32_t *element, const int32_t *component, int64_t kinds,
                   uint32_t *qualifier) {
    for (int64_t i = 0; i < segments; i++) {
        qualifier[i] = 0;
        for (int64_t k = 0; k < kinds; k++) {
            if (tag[i] != tags[k]) continue;
            if (first[i + 1] - first[i] <= element[k]) break;
            int32_t row = first[i] + element[k], begin = element_start[row], stop = element_end[row];
            to_component(data, &begin, &stop, component[k], separator);
            qualifier[i] = code_of(data + begin, stop - begin);
            break;
        }
    }
}

static inline int32_t found_in(const uint64_t *keys, const int32_t *values, uint64_t factor, int32_t shift,
                               uint64_t key) {
    uint64_t place = (key * factor) >> shift;
    return keys[place] == key ? values[place] : -1;
}

typedef struct {
    const uint32_t *tags;   /* of the segments that can open something here */
    const uint64_t *keys;   /* what they open, by loop, tag and qualifier */
    const int32_t *values;
    uint64_t factor;
    int32_t shift, count;
} Openers;

static inline int32_t opened_by(const Openers *openers, int32_t loop, uint32_t tag, uint32_t qualifier) {
    /* A qualifier too long for a key is that of no segment; loop -1 has a number that no loop has. */
    uint64_t key = ((uint64_t)(uint16_t)loop << (TAG_BITS + QUALIFIER_BITS)) | ((uint64_t)tag << QUALIFIER_BITS);
    int32_t found = qualifier >> QUALIFIER_BITS ? -1
                    : found_in(openers->keys, openers->values, openers->factor, openers->shift, key | qualifier);
    if (found < 0 && qualifier) found = found_in(openers->keys, openers->values, openers->factor, openers->shift, key);
    return found;
}

static inline int is_among(const Openers *openers, uint32_t tag) {
    for (int32_t i = 0; i < openers->count; i++) if (openers->tags[i] == tag) return 1;
    return 0;
}

/* As loops.structure_of. `tables` are what opens the nesting loops, stage by stage, then what opens parties,
 * then the variants. `envelope` are the tags ISA, GS, ST, SE, GE, IEA; `headers` the loop that each ST
 * opens. `stage_opener` has a row of segments for the transaction and one for each stage. */
void cw_structure(int64_t segments, const uint32_t *tag, const uint32_t *qualifier, const Openers *tables,
                  int32_t stages, const uint32_t *envelope, const int32_t *headers, int32_t interchange,
                  const int32_t *host, const int32_t *variant_node, int32_t *loop, int32_t *opener,
                  int32_t *stage_opener, uint8_t *opens, int32_t *variant, int32_t *node) {
    const Openers *parties = tables + stages, *variants = tables + stages + 1;
    int32_t at_stage[MAX_STAGES], stage_at[MAX_STAGES];
    int32_t base = -1, current = -1, current_at = -1, transaction = -1;
    for (int32_t s = 0; s < stages; s++) at_stage[s] = stage_at[s] = -1;
    for (int64_t i = 0; i < segments; i++) {
        uint32_t t = tag[i], q = qualifier[i];
        int32_t mark = -1, opened = -1, own = -2;
        for (int32_t k = 0; k < 6; k++) if (envelope[k] == t) { mark = k; break; }
        if (mark >= 0) {
            base = mark == 0 || mark == 4 ? interchange : mark == 1 || mark == 3 ? interchange + 1
                   : mark == 2 ? *headers++ : -1;
            if (mark <= 2) transaction = (int32_t)i;
            for (int32_t s = 0; s < stages; s++) at_stage[s] = -1;
            opened = base;
            if (mark == 3 && transaction >= 0) own = loop[transaction];
            else if (mark == 4) own = interchange + 1;
            else if (mark == 5) own = interchange;
        } else {
            for (int32_t s = 0; s < stages; s++) {
                int32_t parent = s ? at_stage[s - 1] : base;
                if (parent < 0 || !is_among(tables + s, t)) continue;
                int32_t here = opened_by(tables + s, parent, t, q);
                if (here < 0) continue;
                opened = at_stage[s] = here;
                stage_at[s] = (int32_t)i;
                for (int32_t inner = s + 1; inner < stages; inner++) at_stage[inner] = -1;
            }
            if (is_among(parties, t)) {
                int32_t innermost = base;
                for (int32_t s = 0; s < stages; s++) if (at_stage[s] >= 0) innermost = at_stage[s];
                if (innermost >= 0 && host[innermost] >= 0) {
                    int32_t party = opened_by(parties, host[innermost], t, q);
                    if (party >= 0) opened = party;
                }
            }
        }
        opens[i] = mark >= 0 || opened >= 0;
        if (opens[i]) { current = opened; current_at = (int32_t)i; }
        loop[i] = own > -2 ? own : current;
        opener[i] = mark == 3 && transaction >= 0 ? transaction : current_at;
        stage_opener[i] = transaction;
        for (int32_t s = 0; s < stages; s++)
            stage_opener[(int64_t)(s + 1) * segments + i] = at_stage[s] >= 0 ? stage_at[s] : -1;
        variant[i] = loop[i] < 0 ? -1 : opened_by(variants, loop[i], t, q);
        node[i] = variant[i] < 0 ? -1 : variant_node[variant[i]];
    }
}

static const uint32_t D8 = 0x3844, RD8 = 0x384452, DT = 0x5444, TM = 0x4D54;

/* Whether a DTP's format is among those allowed (a bit each), and its value as long as the format says. */
static int fits_format(const uint8_t *data, const int32_t *start, const int32_t *end, uint8_t allowed) {
    uint32_t form = code_of(data + start[1], end[1] - start[1]);
    int32_t size = end[2] - start[2];
    return (form == D8 && allowed & 1 && size == 8) || (form == RD8 && allowed & 2 && size == 17)
           || (form == DT && allowed & 4 && size == 12) || (form == TM && allowed & 8);
}

/* Segments with an element, a component or a constant that the layout does not account for.
 * Constants of variant v are rows `constant_first[v]` up to `constant_first[v + 1]`. Variant -1 is the last. */
void cw_unaccounted(const uint8_t *data, int64_t segments, const int32_t *start, const int32_t *end,
                    const int32_t *first, const uint32_t *present, const int32_t *element_start,
                    const int32_t *element_end, const int32_t *cuts, int64_t cut_count, const int32_t *variant,
                    int64_t variants, const uint32_t *mapped, const uint32_t *telling, const uint8_t *dated,
                    const int8_t *components, const int32_t *constant_first, const int32_t *constant_element,
                    const uint32_t *constant_word, const int32_t *constant_needs, uint8_t *carried) {
    int64_t cut = 0;
    for (int64_t i = 0; i < segments; i++) {
        int64_t v = variant[i] < 0 ? variants : variant[i];
        int32_t count = first[i + 1] - first[i];
        int bad = (present[i] & ~mapped[v]) != 0 || (telling[v] && !(present[i] & telling[v])) || count > MAX_ELEMENTS;
        for (int32_t k = constant_first[v]; k < constant_first[v + 1] && !bad; k++) {
            int32_t needs = constant_needs[k], row = first[i] + constant_element[k];
            uint32_t wanted = needs < 0 || present[i] >> needs & 1 ? constant_word[k] : 0;
            int32_t length = constant_element[k] < count ? element_end[row] - element_start[row] : 0;
            bad = wanted ? code_of(data + element_start[row], length) != wanted : length > 0;
        }
        if (dated[v] && !bad) bad = count < 3 || !fits_format(data, element_start + first[i], element_end + first[i], dated[v]);
        while (cut < cut_count && cuts[cut] < start[i]) cut++;
        int32_t ordinal = 0;
        while (cut < cut_count && cuts[cut] < end[i]) {
            while (ordinal < count && element_end[first[i] + ordinal] <= cuts[cut]) ordinal++;
            if (ordinal == count) { cut++; continue; }
            int32_t row = first[i] + ordinal, parts = 1;
            if (cuts[cut] < element_start[row]) { cut++; continue; }
            while (cut < cut_count && cuts[cut] < element_end[row]) { cut++; parts++; }
            int32_t place = ordinal < MAX_ELEMENTS ? ordinal : MAX_ELEMENTS - 1;
            if (parts > components[v * MAX_ELEMENTS + place]) bad = 1;
        }
        carried[i] = (uint8_t)(bad || variant[i] < 0);
    }
}

/* ---- Values into columns ----------------------------------------------------------------------------- */

/* Where element `ordinal`, or a component of it, of each segment of a group lies, in the row of each (its
 * own number without `rows`). A row that has a value keeps it, and `taken` tells of the other.
 * Returns how many were told. */
int64_t cw_gather(const uint8_t *data, const int32_t *element_start, const int32_t *element_end,
                  const int64_t *base, const int64_t *count, const int32_t *rows, int64_t segments,
                  int64_t ordinal, int32_t component, uint8_t separator, int32_t *start, int32_t *length,
                  uint8_t *taken) {
    int64_t told = 0;
    for (int64_t i = 0; i < segments; i++) {
        if (count[i] <= ordinal) continue;
        int32_t begin = element_start[base[i] + ordinal], stop = element_end[base[i] + ordinal];
        to_component(data, &begin, &stop, component, separator);
        if (stop <= begin) continue;
        int64_t row = rows ? rows[i] : i;
        if (length[row] > 0) { taken[i] = 1; told++; continue; }
        start[row] = begin;
        length[row] = stop - begin;
    }
    return told;
}

static inline void set_bit(uint8_t *bitmap, int64_t row) { bitmap[row >> 3] |= (uint8_t)(1u << (row & 7)); }

static inline void put_view(uint8_t *view, const uint8_t *data, int32_t start, int32_t size) {
    const uint8_t *text = data + start;
    memcpy(view, &size, 4);
    if (size <= 12) {
        uint32_t head = load4(text) & (size >= 4 ? 0xFFFFFFFFu : LOW4[size]);
        memcpy(view + 4, &head, 4);
        if (size > 4) {
            uint64_t tail = load8(text + 4);
            if (size < 12) tail &= ((uint64_t)1 << (8 * (size - 4))) - 1;
            memcpy(view + 8, &tail, 8);
        }
    } else {
        memcpy(view + 4, text, 4);
        memcpy(view + 12, &start, 4);
    }
}

/* Arrow's string views: strings of up to 12 bytes inside, longer ones by their offset in the data.
 * Returns how many rows hold something; `bitmap` and `views` come filled with zeros. */
int64_t cw_text(const uint8_t *data, const int32_t *start, const int32_t *length, int64_t rows,
                uint8_t *views, uint8_t *bitmap) {
    int64_t held = 0;
    for (int64_t row = 0; row < rows; row++) {
        if (length[row] <= 0) continue;
        put_view(views + 16 * row, data, start[row], length[row]);
        set_bit(bitmap, row);
        held++;
    }
    return held;
}

/* Several text columns out of the segments of one group at a time. Row r has the segment `source[r]` of the
 * group, -1 for none (without `source` its own number). Wanted value w is the element and component that it
 * names, and goes into `views[w]` and to column `slot[w]`, whose bitmap and count of values stand at that place.
 * A value for a row that has one already is not put, and makes the count of its column negative for good. */
void cw_texts(const uint8_t *data, const int32_t *element_start, const int32_t *element_end,
              const int64_t *base, const int64_t *count, const int32_t *source, int64_t rows, int64_t wanted,
              const int32_t *slot, const int32_t *ordinal, const int32_t *component, uint8_t separator,
              uint8_t *const *views, uint8_t *bitmaps, int64_t bitmap_bytes, int64_t *held) {
    for (int64_t row = 0; row < rows; row++) {
        int64_t i = source ? source[row] : row;
        if (i < 0) continue;
        for (int64_t w = 0; w < wanted; w++) {
            if (count[i] <= ordinal[w]) continue;
            int32_t begin = element_start[base[i] + ordinal[w]], stop = element_end[base[i] + ordinal[w]];
            to_component(data, &begin, &stop, component[w], separator);
            if (stop <= begin) continue;
            int64_t column = slot[w];
            uint8_t *bitmap = bitmaps + column * bitmap_bytes;
            if (bitmap[row >> 3] >> (row & 7) & 1) { held[column] = INT64_MIN; continue; }
            put_view(views[w] + 16 * row, data, begin, stop - begin);
            set_bit(bitmap, row);
            held[column]++;
        }
    }
}

static inline int digits_of(const uint8_t *at, int count, int32_t *number) {
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        uint8_t digit = (uint8_t)(at[i] - '0');
        if (digit > 9) return 0;
        value = value * 10 + digit;
    }
    *number = value;
    return 1;
}

static const int32_t MONTH_DAYS[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/* A day CCYYMMDD of the Gregorian calendar. */
static inline int is_day(const uint8_t *at, int32_t *year, int32_t *month, int32_t *day) {
    if (!digits_of(at, 4, year) || !digits_of(at + 4, 2, month) || !digits_of(at + 6, 2, day)) return 0;
    if (*year < 1 || *month < 1 || *month > 12 || *day < 1 || *day > MONTH_DAYS[*month]) return 0;
    return *month != 2 || *day < 29 || (*year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0));
}

/* Days since 1970-01-01, counted in years that begin in March. */
static inline int32_t days_of(int32_t year, int32_t month, int32_t day) {
    year -= month <= 2;
    int32_t era = year / 400, of_era = year - era * 400;
    int32_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Days as numbers. `shift` is where the day begins in a period (RD8: 0 or 9) or -1 where periods are no
 * dates; `stamped` says that a day may have its hour and minute. Returns how many rows hold a day, or -1
 * where any holds something else. */
int64_t cw_dates(const uint8_t *data, const int32_t *start, const int32_t *length, int64_t rows, int32_t shift,
                 int32_t stamped, int32_t *days, uint8_t *bitmap) {
    int64_t held = 0;
    int32_t year, month, day;
    for (int64_t row = 0; row < rows; row++) {
        const uint8_t *text = data + start[row];
        if (length[row] <= 0) continue;
        if (length[row] == 17 && shift >= 0 && text[8] == '-') text += shift;
        else if (length[row] != 8 && !(length[row] == 12 && stamped)) return -1;
        if (!is_day(text, &year, &month, &day)) return -1;
        days[row] = days_of(year, month, day);
        set_bit(bitmap, row);
        held++;
    }
    return held;
}

/* Decimal numbers as integers of 10 to the -scale. Returns how many rows hold one, or -1 where any holds
 * something else, has more decimals than the scale, or 15 digits or more. */
static inline int64_t decimals(const uint8_t *data, const int32_t *start, const int32_t *length, int64_t rows,
                               int32_t scale, int64_t *number, int64_t stride, uint8_t *bitmap) {
    int64_t held = 0;
    for (int64_t row = 0; row < rows; row++) {
        int32_t size = length[row];
        if (size <= 0) continue;
        if (size > 15) return -1;
        const uint8_t *text = data + start[row];
        int32_t at = text[0] == '-', after = -1;
        int64_t value = 0, digits = 0;
        for (; at < size; at++) {
            uint8_t digit = (uint8_t)(text[at] - '0');
            if (digit <= 9) { value = value * 10 + digit; digits++; if (after >= 0) after++; }
            else if (text[at] == '.' && after < 0) after = 0;
            else return -1;
        }
        if (!digits || after > scale) return -1;
        for (int32_t more = after < 0 ? 0 : after; more < scale; more++) { value *= 10; digits++; }
        if (digits >= 15) return -1;
        number[stride * row] = text[0] == '-' ? -value : value;
        set_bit(bitmap, row);
        held++;
    }
    return held;
}

/* As Arrow's 128-bit decimals; `wide` comes filled with zeros. */
int64_t cw_decimals(const uint8_t *data, const int32_t *start, const int32_t *length, int64_t rows,
                    int32_t scale, int64_t *wide, uint8_t *bitmap) {
    int64_t held = decimals(data, start, length, rows, scale, wide, 2, bitmap);
    for (int64_t row = 0; row < rows; row++) wide[2 * row + 1] = wide[2 * row] >> 63;
    return held;
}

/* Whether any segment holds a control character, one outside of ASCII, or an element that begins with a blank. */
int32_t cw_odd_characters(const uint8_t *data, int64_t segments, const int32_t *start, const int32_t *end,
                          uint8_t element) {
    for (int64_t i = 0; i < segments; i++) {
        uint8_t odd = 0;
        for (int32_t at = start[i]; at < end[i]; at++)
            odd |= (uint8_t)(data[at] - 0x20) > 0x7E - 0x20 || (data[at] == element && data[at + 1] == ' ');
        if (odd) return 1;
    }
    return 0;
}

/* As 64-bit integers, without decimals. */
int64_t cw_integers(const uint8_t *data, const int32_t *start, const int32_t *length, int64_t rows,
                    int64_t *number, uint8_t *bitmap) {
    return decimals(data, start, length, rows, 0, number, 1, bitmap);
}

/* ---- What elements hold ------------------------------------------------------------------------------ */

typedef struct {
    const int32_t *first, *count;             /* by node; the last is for node -1 */
    const uint8_t *verdict;                   /* by rule and length */
    const int32_t *least, *most;              /* by rule */
    const int32_t *whole, *decimals;          /* by rule: digits before and after the point */
    const uint64_t *code_key;                 /* by rule */
    const int32_t *part_first, *part_count, *part_last_required; /* by rule of a composite */
    const uint64_t *keys;                     /* of the allowed codes */
    const int32_t *values;
    uint64_t factor;
    int32_t shift, nodes, unknown, beyond;
} Rules;

/* Whether a value is plainly what its verdict asks to be looked for. */
static int is_good(const Rules *rules, const uint8_t *data, int32_t start, int32_t end, int32_t rule,
                   uint8_t verdict, int32_t before_start, int32_t before_end) {
    const uint8_t *text = data + start;
    int32_t size = end - start, year, month, day, points = 0, point = 0, at;
    switch (verdict) {
    case FINE:
        return 1;
    case CODE:
        return size <= 4 && found_in(rules->keys, rules->values, rules->factor, rules->shift,
                                     rules->code_key[rule] | code_of(text, size)) >= 0;
    case REAL:
    case WHOLE:
        at = text[0] == '-';
        size -= at;
        for (int32_t i = 0; i < size; i++) {
            if ((uint8_t)(text[at + i] - '0') <= 9) continue;
            if (text[at + i] != '.' || verdict == WHOLE || points++) return 0;
            point = i;
        }
        size -= points;
        if (points == 0) point = size;
        return size > 0 && size >= rules->least[rule] && size <= rules->most[rule]
               && point <= rules->whole[rule] && size - point <= rules->decimals[rule];
    case DATE:
        return size == 8 && is_day(text, &year, &month, &day);
    case TIME:
        return size == 4 && digits_of(text, 2, &month) && digits_of(text + 2, 2, &day) && month < 24 && day < 60;
    case DATED: {
        uint32_t form = code_of(data + before_start, before_end - before_start);
        if (form == D8) return size == 8 && is_day(text, &year, &month, &day);
        if (form == RD8)
            return size == 17 && text[8] == '-' && is_day(text, &year, &month, &day)
                   && is_day(text + 9, &year, &month, &day);
        return 0;
    }
    }
    return 0;
}

static int is_good_composite(const Rules *rules, const uint8_t *data, int32_t start, int32_t end, int32_t rule,
                             uint8_t separator) {
    int32_t parts = 0, begin = start, before_start = 0, before_end = 0;
    for (;;) {
        const uint8_t *cut = memchr(data + begin, separator, (size_t)(end - begin));
        int32_t stop = cut ? (int32_t)(cut - data) : end, size = stop - begin;
        if (parts >= rules->part_count[rule]) return 0;
        int32_t of = rules->part_first[rule] + parts;
        uint8_t verdict = rules->verdict[of * LENGTHS + (size < LENGTHS ? size : LENGTHS - 1)];
        if (verdict == DATED && !parts) return 0;
        if (!is_good(rules, data, begin, stop, of, verdict, before_start, before_end)) return 0;
        parts++;
        if (!cut) return size > 0 && parts >= rules->part_last_required[rule];
        before_start = begin; before_end = stop;
        begin = stop + 1;
    }
}

/* The rule of every element, and the verdict on it: FINE also where the second look that it asked for
 * found it plainly good, composites with all of their components; SEPARATED where a text that was found good
 * holds one of the component separators, which stand at `cuts`. Segments before `context` are passed.
 * Returns how many are left. */
int64_t cw_judge(const Rules *rules, const uint8_t *data, uint8_t separator, int64_t segments, int64_t context,
                 const int32_t *node, const int32_t *first, const int32_t *element_start,
                 const int32_t *element_end, const int32_t *cuts, int64_t cut_count, int32_t *rule,
                 uint8_t *verdict) {
    int64_t left = 0, cut = 0;
    for (int64_t i = 0; i < segments; i++) {
        int32_t n = node[i] < 0 ? rules->nodes : node[i], defined = rules->count[n];
        for (int32_t e = first[i]; e < first[i + 1]; e++) {
            int32_t ordinal = e - first[i], size = element_end[e] - element_start[e];
            int32_t of = ordinal < defined ? rules->first[n] + ordinal
                         : node[i] < 0 ? rules->unknown : rules->beyond;
            uint8_t found = rules->verdict[of * LENGTHS + (size < LENGTHS ? size : LENGTHS - 1)];
            rule[e] = of;
            if (cut < cut_count && cuts[cut] < element_end[e]) {
                while (cut < cut_count && cuts[cut] < element_start[e]) cut++;
                int inside = 0;
                while (cut < cut_count && cuts[cut] < element_end[e]) { cut++; inside = 1; }
                if (inside && found == FINE && i >= context && of != rules->unknown) { verdict[e] = SEPARATED; left++; continue; }
            }
            if (found != FINE && i >= context) {
                int good = found == COMPOSITE
                               ? is_good_composite(rules, data, element_start[e], element_end[e], of, separator)
                           : found == DATED && !ordinal ? 0
                               : is_good(rules, data, element_start[e], element_end[e], of, found,
                                         ordinal ? element_start[e - 1] : 0, ordinal ? element_end[e - 1] : 0);
                if (!good) { verdict[e] = found; left++; continue; }
            }
            verdict[e] = FINE;
        }
    }
    return left;
}

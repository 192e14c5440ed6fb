/* A frame's rows in PostgreSQL's binary COPY format, for machines that can compile this.
 *
 * The format: PostgreSQL's documentation of COPY, "Binary Format"; of each type, what its receive function
 * reads (int2recv to uuid_recv, numeric_recv in numeric.c). The columns come as Arrow's C data interface has
 * them.
 *
 * Only what is plainly good is written. A pair of types that is not listed here, a number that its column
 * can't hold, a text that is no plain UUID: the whole frame is declined, and goes as CSV, which the server
 * judges. So nothing is refused in two places.
 *
 * Little-endian machines only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html. */
struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

/* What a column is made of, and what it becomes. */
enum { NOTHING = 1, BOOL, INTEGER, REAL, DATE, INSTANT, NUMERIC, PLAIN, UUID };
/* How text and bytes lie: offsets of 32 or 64 bits, or views. */
enum { SHORT, LARGE, VIEW };
/* Object ids of PostgreSQL's own types (pg_type.dat); they never change. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT4 = 700,
       OID_FLOAT8 = 701, OID_DATE = 1082, OID_TIMESTAMPTZ = 1184, OID_NUMERIC = 1700, OID_UUID = 2950 };

struct Column {
    int32_t kind, layout;
    int32_t width, is_signed;  /* bytes of a value here */
    int32_t wide;              /* bytes of a value there */
    int32_t scale;
};
struct Rows {
    int64_t columns, batches, room;
    struct Column *column;
    struct ArrowArray *batch;
};

/* PostgreSQL counts from 2000, Arrow from 1970. */
#define DAYS 10957
#define MICROSECONDS (DAYS * INT64_C(86400000000))
/* The years 1 to 9999, which both write alike. */
#define FIRST_DAY (-719162)
#define LAST_DAY 2932896

/* Which source this was made from, so that a stale build is not used. */
uint64_t cw_source(void) { return CW_SOURCE; }

static inline uint8_t *put2(uint8_t *at, uint16_t value) { value = __builtin_bswap16(value); memcpy(at, &value, 2); return at + 2; }
static inline uint8_t *put4(uint8_t *at, uint32_t value) { value = __builtin_bswap32(value); memcpy(at, &value, 4); return at + 4; }
static inline uint8_t *put8(uint8_t *at, uint64_t value) { value = __builtin_bswap64(value); memcpy(at, &value, 8); return at + 8; }

static int layout_of(char letter) { return letter == 'v' ? VIEW : letter == 'U' || letter == 'Z' ? LARGE : SHORT; }

/* How a column of an Arrow format becomes one of a PostgreSQL type; 0 where it does not. */
static int plan(const struct ArrowSchema *schema, int32_t type, struct Column *column) {
    const char *format = schema->format;
    memset(column, 0, sizeof *column);
    if (schema->dictionary) return 0;
    if (!strcmp(format, "n")) { column->kind = NOTHING; return 1; }
    if (!strcmp(format, "b")) { column->kind = BOOL; return type == OID_BOOL; }
    if (format[0] && !format[1] && strchr("cCsSiIlL", format[0])) {
        column->kind = INTEGER;
        column->width = strchr("cC", format[0]) ? 1 : strchr("sS", format[0]) ? 2 : strchr("iI", format[0]) ? 4 : 8;
        column->is_signed = format[0] >= 'a';
        column->wide = type == OID_INT2 ? 2 : type == OID_INT4 ? 4 : type == OID_INT8 ? 8 : 0;
        return column->wide != 0;
    }
    if (!strcmp(format, "f")) { column->kind = REAL; column->width = column->wide = 4; return type == OID_FLOAT4; }
    if (!strcmp(format, "g")) { column->kind = REAL; column->width = column->wide = 8; return type == OID_FLOAT8; }
    if (!strcmp(format, "tdD")) { column->kind = DATE; return type == OID_DATE; }
    if (!strncmp(format, "tsu:", 4) && format[4]) { column->kind = INSTANT; return type == OID_TIMESTAMPTZ; }
    if (!strncmp(format, "d:", 2)) {
        char *end;
        column->kind = NUMERIC;
        strtol(format + 2, &end, 10);
        if (*end != ',') return 0;
        column->scale = (int32_t)strtol(end + 1, &end, 10);
        /* A third number is a width other than 128 bits. */
        return !*end && column->scale >= 0 && column->scale <= 38 && type == OID_NUMERIC;
    }
    int is_text = !strcmp(format, "u") || !strcmp(format, "U") || !strcmp(format, "vu");
    int is_bytes = !strcmp(format, "z") || !strcmp(format, "Z") || !strcmp(format, "vz");
    column->layout = layout_of(format[0]);
    if (is_text && type == OID_UUID) { column->kind = UUID; return 1; }
    column->kind = PLAIN;
    return (is_text && type == OID_TEXT) || (is_bytes && type == OID_BYTEA);
}

static inline int bit(const uint8_t *bits, int64_t at) { return bits[at >> 3] >> (at & 7) & 1; }

static inline const uint8_t *validity(const struct ArrowArray *array) {
    return array->null_count && array->n_buffers ? array->buffers[0] : NULL;
}

/* The bytes of a text or of bytes, and how many. */
static inline const uint8_t *bytes_at(const struct ArrowArray *array, int32_t layout, int64_t row, int64_t *length) {
    if (layout == VIEW) {
        const uint8_t *view = (const uint8_t *)array->buffers[1] + 16 * row;
        int32_t part[4];
        memcpy(part, view, 16);
        *length = part[0];
        return part[0] <= 12 ? view + 4 : (const uint8_t *)array->buffers[2 + part[2]] + part[3];
    }
    if (layout == LARGE) {
        const int64_t *cut = (const int64_t *)array->buffers[1] + row;
        *length = cut[1] - cut[0];
        return (const uint8_t *)array->buffers[2] + cut[0];
    }
    const int32_t *cut = (const int32_t *)array->buffers[1] + row;
    *length = cut[1] - cut[0];
    return (const uint8_t *)array->buffers[2] + cut[0];
}

/* The most bytes that a column of a batch can take, without the four of each length; -1 where it can't be. */
static int64_t room_of(const struct Column *column, const struct ArrowArray *array, int64_t from, int64_t rows) {
    switch (column->kind) {
    case NOTHING: return 0;
    case BOOL: return rows;
    case INTEGER: case REAL: return rows * column->wide;
    case DATE: return rows * 4;
    case INSTANT: return rows * 8;
    case NUMERIC: return rows * 18;  /* eight, and at most five digits to base 10,000 in 64 bits */
    case UUID: return rows * 16;
    }
    const uint8_t *valid = validity(array);
    int64_t room = 0, length;
    for (int64_t row = from; row < from + rows; row++) {
        if (valid && !bit(valid, row)) continue;
        bytes_at(array, column->layout, row, &length);
        if (length > INT32_MAX) return -1;
        room += length;
    }
    return room;
}

/* Let go of what `cw_rows_open` took. */
void cw_rows_close(struct Rows *rows) {
    if (!rows) return;
    for (int64_t at = 0; at < rows->batches; at++)
        if (rows->batch[at].release) rows->batch[at].release(&rows->batch[at]);
    free(rows->batch);
    free(rows->column);
    free(rows);
}

static int take_batches(struct ArrowArrayStream *stream, struct Rows *rows) {
    for (;;) {
        struct ArrowArray next;
        memset(&next, 0, sizeof next);
        if (stream->get_next(stream, &next)) return 0;
        if (!next.release) return 1;
        struct ArrowArray *more = realloc(rows->batch, (size_t)(rows->batches + 1) * sizeof *more);
        if (!more) { next.release(&next); return 0; }
        rows->batch = more;
        more[rows->batches++] = next;
        if (next.n_children != rows->columns || (next.null_count && next.n_buffers && next.buffers[0])) return 0;
        int64_t room = next.length * (2 + 4 * rows->columns);
        for (int64_t at = 0; at < rows->columns; at++) {
            const struct ArrowArray *array = next.children[at];
            int64_t its = room_of(&rows->column[at], array, next.offset + array->offset, next.length);
            if (its < 0) return 0;
            room += its;
        }
        rows->room += room;
    }
}

/* Take the batches of a stream, whose columns are to have these types; NULL where they can't. `room` is then
 * the most bytes that `cw_rows_encode` writes. The stream stays the caller's. */
struct Rows *cw_rows_open(struct ArrowArrayStream *stream, const int32_t *types, int64_t columns, int64_t *room) {
    struct ArrowSchema schema;
    memset(&schema, 0, sizeof schema);
    if (stream->get_schema(stream, &schema)) return NULL;
    struct Rows *rows = calloc(1, sizeof *rows);
    int good = rows && schema.n_children == columns && columns < INT16_MAX;
    if (good) {
        rows->columns = columns;
        rows->room = 21;  /* heading and end */
        rows->column = calloc((size_t)columns, sizeof *rows->column);
        good = rows->column != NULL;
        for (int64_t at = 0; good && at < columns; at++) good = plan(schema.children[at], types[at], &rows->column[at]);
        good = good && take_batches(stream, rows);
    }
    if (schema.release) schema.release(&schema);
    if (!good) { cw_rows_close(rows); return NULL; }
    *room = rows->room;
    return rows;
}

static inline uint8_t *put_integer(uint8_t *at, const struct Column *column, const void *values, int64_t row) {
    int64_t value;
    switch (column->is_signed ? -column->width : column->width) {
    case -1: value = ((const int8_t *)values)[row]; break;
    case 1: value = ((const uint8_t *)values)[row]; break;
    case -2: value = ((const int16_t *)values)[row]; break;
    case 2: value = ((const uint16_t *)values)[row]; break;
    case -4: value = ((const int32_t *)values)[row]; break;
    case 4: value = ((const uint32_t *)values)[row]; break;
    case -8: value = ((const int64_t *)values)[row]; break;
    default:
        if (((const uint64_t *)values)[row] > INT64_MAX) return NULL;
        value = (int64_t)((const uint64_t *)values)[row];
    }
    at = put4(at, (uint32_t)column->wide);
    switch (column->wide) {
    case 2: return value == (int16_t)value ? put2(at, (uint16_t)value) : NULL;
    case 4: return value == (int32_t)value ? put4(at, (uint32_t)value) : NULL;
    default: return put8(at, (uint64_t)value);
    }
}

/* Digits to base 10,000, the first of which counts 10,000 to the power of the weight. */
static inline uint8_t *put_numeric(uint8_t *at, const void *values, int64_t row, int32_t scale) {
    static const uint64_t SHIFT[4] = {1, 1000, 100, 10};
    int64_t word[2];
    memcpy(word, (const uint8_t *)values + 16 * row, 16);
    if (word[1] != word[0] >> 63) return NULL;
    uint64_t left = word[0] < 0 ? 0 - (uint64_t)word[0] : (uint64_t)word[0];
    if (left > UINT64_MAX / 1000) return NULL;
    left *= SHIFT[scale & 3];
    uint16_t digit[5];
    int count = 0, first = 0;
    while (left) { digit[count++] = (uint16_t)(left % 10000); left /= 10000; }
    int weight = count ? count - (scale + 3) / 4 - 1 : 0;
    while (first < count && !digit[first]) first++;
    at = put4(at, (uint32_t)(8 + 2 * (count - first)));
    at = put2(at, (uint16_t)(count - first));
    at = put2(at, (uint16_t)weight);
    at = put2(at, word[0] < 0 ? 0x4000 : 0);
    at = put2(at, (uint16_t)scale);
    while (count > first) at = put2(at, digit[--count]);
    return at;
}

static inline int hexadecimal(uint8_t letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    letter |= 32;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static inline uint8_t *put_uuid(uint8_t *at, const uint8_t *text, int64_t length) {
    if (length != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return NULL;
    at = put4(at, 16);
    for (int place = 0; place < 36; place += 2) {
        if (text[place] == '-') place++;
        int high = hexadecimal(text[place]), low = hexadecimal(text[place + 1]);
        if (high < 0 || low < 0) return NULL;
        *at++ = (uint8_t)(high << 4 | low);
    }
    return at;
}

static inline uint8_t *put_value(uint8_t *at, const struct Column *column, const struct ArrowArray *array, int64_t row) {
    const void *values = array->buffers[1];
    switch (column->kind) {
    case BOOL: at = put4(at, 1); *at = (uint8_t)bit(values, row); return at + 1;
    case INTEGER: return put_integer(at, column, values, row);
    case REAL:
        at = put4(at, (uint32_t)column->wide);
        return column->wide == 4 ? put4(at, ((const uint32_t *)values)[row]) : put8(at, ((const uint64_t *)values)[row]);
    case DATE: {
        int32_t day = ((const int32_t *)values)[row];
        return day < FIRST_DAY || day > LAST_DAY ? NULL : put4(put4(at, 4), (uint32_t)(day - DAYS));
    }
    case INSTANT: {
        int64_t moment = ((const int64_t *)values)[row];
        if (moment < FIRST_DAY * INT64_C(86400000000) || moment >= (LAST_DAY + 1) * INT64_C(86400000000)) return NULL;
        return put8(put4(at, 8), (uint64_t)(moment - MICROSECONDS));
    }
    case NUMERIC: return put_numeric(at, values, row, column->scale);
    }
    int64_t length;
    const uint8_t *text = bytes_at(array, column->layout, row, &length);
    if (column->kind == UUID) return put_uuid(at, text, length);
    at = put4(at, (uint32_t)length);
    if (length) memcpy(at, text, (size_t)length);
    return at + length;
}

/* Write the rows; returns how many bytes they take, -1 where one of them can't be written. */
int64_t cw_rows_encode(const struct Rows *rows, uint8_t *out) {
    uint8_t *at = out;
    memcpy(at, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    at += 19;
    for (int64_t which = 0; which < rows->batches; which++) {
        const struct ArrowArray *batch = &rows->batch[which];
        for (int64_t row = batch->offset; row < batch->offset + batch->length; row++) {
            at = put2(at, (uint16_t)rows->columns);
            for (int64_t which_column = 0; which_column < rows->columns; which_column++) {
                const struct ArrowArray *array = batch->children[which_column];
                const struct Column *column = &rows->column[which_column];
                const uint8_t *valid = validity(array);
                int64_t here = row + array->offset;
                if (column->kind == NOTHING || (valid && !bit(valid, here))) { at = put4(at, UINT32_MAX); continue; }
                at = put_value(at, column, array, here);
                if (!at) return -1;
            }
        }
    }
    return put2(at, UINT16_MAX) - out;
}

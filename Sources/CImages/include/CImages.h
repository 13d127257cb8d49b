/* Pictures out of the bytes of a file, and into them: libpng and libjpeg report mistakes by jumping, which Swift cannot follow. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Pixels row by row, `channels` bytes each: grey, or red, green and blue. Freed with lc_picture_free. */
typedef struct lc_picture {
    int32_t width, height, channels;
    uint8_t *pixels;
    /* The mistake, where a function gives false. */
    char message[200];
} lc_picture;

/* `channels`: 1 or 3. A transparent pixel lies on black. Larger pictures than `most` pixels to a side are a mistake. */
_Bool lc_read_png(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture);
_Bool lc_read_jpeg(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture);
/* PGM and PPM, plain and in bytes (P2, P3, P5, P6), of at most 255 steps. */
_Bool lc_read_pnm(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture);
void lc_picture_free(lc_picture *picture);

/* The bytes of a file. Freed with lc_file_free. */
typedef struct lc_file {
    uint8_t *bytes;
    size_t count;
} lc_file;

/* A picture as a PNG file, of three bytes a pixel: red, green and blue. false: there is no memory for it. */
_Bool lc_write_png(const uint8_t *pixels, int32_t width, int32_t height, lc_file *file);
void lc_file_free(lc_file *file);

#include "CImages.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <png.h>

static _Bool fail(lc_picture *picture, const char *message) {
    lc_picture_free(picture);
    snprintf(picture->message, sizeof picture->message, "%s", message);
    return 0;
}

static _Bool reserve(lc_picture *picture, uint32_t width, uint32_t height, int32_t channels, int32_t most) {
    if (width == 0 || height == 0 || width > (uint32_t)most || height > (uint32_t)most) {
        snprintf(
            picture->message, sizeof picture->message, "has %u×%u pixels; expected 1 to %d to a side", width, height,
            most);
        return 0;
    }
    picture->width = (int32_t)width;
    picture->height = (int32_t)height;
    picture->channels = channels;
    picture->pixels = malloc((size_t)width * height * (size_t)channels);
    return picture->pixels != NULL || fail(picture, "does not fit the memory");
}

void lc_picture_free(lc_picture *picture) {
    free(picture->pixels);
    picture->pixels = NULL;
}

_Bool lc_read_png(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture) {
    memset(picture, 0, sizeof *picture);
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, count)) return fail(picture, image.message);
    // 16 bits too are the brightness that a screen shows, not linear light.
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    if (!reserve(picture, image.width, image.height, channels, most)) {
        png_image_free(&image);
        return 0;
    }
    const png_color black = {0, 0, 0};
    if (!png_image_finish_read(&image, &black, picture->pixels, 0, NULL)) return fail(picture, image.message);
    return 1;
}

typedef struct mistake {
    struct jpeg_error_mgr manager;
    jmp_buf place;
    lc_picture *picture;
} mistake;

static void giveUp(j_common_ptr info) {
    mistake *found = (mistake *)info->err;
    char message[JMSG_LENGTH_MAX];
    info->err->format_message(info, message);
    fail(found->picture, message);
    longjmp(found->place, 1);
}

/* Of all warnings, which would go to standard error, one is a mistake: that the file is cut off. */
static void warn(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) giveUp(info);
}

_Bool lc_read_jpeg(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture) {
    memset(picture, 0, sizeof *picture);
    struct jpeg_decompress_struct info;
    mistake found = {.picture = picture};
    info.err = jpeg_std_error(&found.manager);
    found.manager.error_exit = giveUp;
    found.manager.emit_message = warn;
    if (setjmp(found.place)) {
        jpeg_destroy_decompress(&info);
        return 0;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
        jpeg_destroy_decompress(&info);
        return fail(picture, "its colours are CMYK, which is for printing; save it with RGB colours");
    }
    info.out_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    /* Before the start, which may reserve memory for every coefficient. Nothing is scaled: the output is as large. */
    if (!reserve(picture, info.image_width, info.image_height, channels, most)) {
        jpeg_destroy_decompress(&info);
        return 0;
    }
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = picture->pixels + (size_t)info.output_scanline * info.output_width * (size_t)channels;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return 1;
}

/* The next number of a header or of plain pixels: behind blanks and comments. −1: there is none. */
static int64_t number(const uint8_t *bytes, size_t count, size_t *at) {
    size_t i = *at;
    while (i < count) {
        if (bytes[i] == '#')
            while (i < count && bytes[i] != '\n') i++;
        else if (bytes[i] == ' ' || (bytes[i] >= '\t' && bytes[i] <= '\r'))
            i++;
        else
            break;
    }
    if (i >= count || bytes[i] < '0' || bytes[i] > '9') return -1;
    int64_t value = 0;
    while (i < count && bytes[i] >= '0' && bytes[i] <= '9' && value < 1 << 20) value = 10 * value + (bytes[i++] - '0');
    *at = i;
    return value;
}

_Bool lc_read_pnm(const uint8_t *bytes, size_t count, int32_t channels, int32_t most, lc_picture *picture) {
    memset(picture, 0, sizeof *picture);
    const char kind = count > 1 ? (char)bytes[1] : 0;
    if (kind != '2' && kind != '3' && kind != '5' && kind != '6')
        return fail(picture, "expected P2, P3, P5 or P6 at its beginning");
    const _Bool isPlain = kind < '5';
    const int32_t own = kind == '3' || kind == '6' ? 3 : 1;
    size_t at = 2;
    const int64_t width = number(bytes, count, &at), height = number(bytes, count, &at);
    const int64_t white = number(bytes, count, &at);
    if (width < 0 || height < 0 || white < 1) return fail(picture, "expected a width, a height and a white value");
    if (white > 255) return fail(picture, "has more than 255 steps of brightness");
    if (!reserve(picture, (uint32_t)width, (uint32_t)height, channels, most)) return 0;
    at++;
    for (int64_t place = 0; place < width * height; place++) {
        int64_t values[3];
        for (int32_t c = 0; c < own; c++) {
            values[c] = isPlain ? number(bytes, count, &at) : at < count ? bytes[at++] : -1;
            if (values[c] < 0) return fail(picture, "is cut off");
            values[c] = (values[c] > white ? white : values[c]) * 255 / white;
        }
        uint8_t *pixel = picture->pixels + place * channels;
        if (own == channels)
            for (int32_t c = 0; c < own; c++) pixel[c] = (uint8_t)values[c];
        else if (own == 1)
            pixel[0] = pixel[1] = pixel[2] = (uint8_t)values[0];
        else
            pixel[0] = (uint8_t)((299 * values[0] + 587 * values[1] + 114 * values[2] + 500) / 1000);
    }
    return 1;
}

_Bool lc_write_png(const uint8_t *pixels, int32_t width, int32_t height, lc_file *file) {
    memset(file, 0, sizeof *file);
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t count = PNG_IMAGE_PNG_SIZE_MAX(image);
    file->bytes = malloc(count);
    if (file->bytes == NULL) return 0;
    if (!png_image_write_to_memory(&image, file->bytes, &count, 0, pixels, 0, NULL)) {
        free(file->bytes);
        file->bytes = NULL;
        return 0;
    }
    file->count = count;
    return 1;
}

void lc_file_free(lc_file *file) {
    free(file->bytes);
    file->bytes = NULL;
}

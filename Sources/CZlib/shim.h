#pragma once
#include <string.h>
#include <zlib.h>

/* inflateInit2 is a macro, which Swift does not import. 47: a gzip or a zlib header, whichever stands there. */
static inline int inflateStart(z_stream *stream) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, 47);
}

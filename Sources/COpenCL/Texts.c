/* The kernels' texts, in the program itself. */
#include "COpenCL.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
#define TEXT(name) const char *lcl_text_##name(void) { return name; }

static const char vector[] = {
#embed "kernels/vector.cl"
    , 0};
static const char activate[] = {
#embed "kernels/activate.cl"
    , 0};
static const char softmax[] = {
#embed "kernels/softmax.cl"
    , 0};
static const char loss[] = {
#embed "kernels/loss.cl"
    , 0};
static const char normalize[] = {
#embed "kernels/normalize.cl"
    , 0};
static const char images[] = {
#embed "kernels/images.cl"
    , 0};
static const char steps[] = {
#embed "kernels/steps.cl"
    , 0};
static const char rows[] = {
#embed "kernels/rows.cl"
    , 0};
static const char sums[] = {
#embed "kernels/sums.cl"
    , 0};
static const char update[] = {
#embed "kernels/update.cl"
    , 0};
static const char blocked[] = {
#embed "kernels/products-blocked.cl"
    , 0};
static const char tiled[] = {
#embed "kernels/products-tiled.cl"
    , 0};
static const char fusedSingle[] = {
#embed "kernels/fused-single.cl"
    , 0};
static const char fusedPopulation[] = {
#embed "kernels/fused-population.cl"
    , 0};

LCL_TEXTS(TEXT)

#pragma once
/*
 * The functions of OpenCL 1.2 and of CLBlast that Layercake calls, found at run time: a program that is linked with
 * neither library starts where neither is installed. Types and numbers are those of the Khronos headers.
 */
#include <stddef.h>
#include <stdint.h>

typedef struct _cl_platform_id *cl_platform_id;
typedef struct _cl_device_id *cl_device_id;
typedef struct _cl_context *cl_context;
typedef struct _cl_command_queue *cl_command_queue;
typedef struct _cl_mem *cl_mem;
typedef struct _cl_program *cl_program;
typedef struct _cl_kernel *cl_kernel;
typedef struct _cl_event *cl_event;

enum {
    CL_SUCCESS = 0,
    CL_PLATFORM_NAME = 0x0902,
    CL_DEVICE_MAX_COMPUTE_UNITS = 0x1002,
    CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004,
    CL_DEVICE_MAX_WORK_ITEM_SIZES = 0x1005,
    CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010,
    CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F,
    CL_DEVICE_LOCAL_MEM_SIZE = 0x1023,
    CL_DEVICE_AVAILABLE = 0x1027,
    CL_DEVICE_COMPILER_AVAILABLE = 0x1028,
    CL_DEVICE_TYPE = 0x1000,
    CL_DEVICE_NAME = 0x102B,
    CL_DEVICE_VENDOR = 0x102C,
    CL_DRIVER_VERSION = 0x102D,
    CL_DEVICE_VERSION = 0x102F,
    CL_DEVICE_EXTENSIONS = 0x1030,
    CL_PROGRAM_BINARY_SIZES = 0x1165,
    CL_PROGRAM_BINARIES = 0x1166,
    CL_PROGRAM_BUILD_LOG = 0x1183,
    CL_KERNEL_WORK_GROUP_SIZE = 0x11B0,
    CL_EVENT_COMMAND_EXECUTION_STATUS = 0x11D3,
    CL_COMPLETE = 0,
};

#define LCL_DEVICE_TYPE_CPU 2ull
#define LCL_DEVICE_TYPE_GPU 4ull
#define LCL_DEVICE_TYPE_ALL 0xFFFFFFFFull
#define LCL_MEM_READ_WRITE 1ull
#define LCL_MEM_ALLOC_HOST_PTR 16ull
#define LCL_MAP_READ_WRITE 3ull

/* name, result, parameters */
#define LCL_FUNCTIONS(X)                                                                                             \
    X(clGetPlatformIDs, int32_t, (uint32_t, cl_platform_id *, uint32_t *))                                           \
    X(clGetPlatformInfo, int32_t, (cl_platform_id, uint32_t, size_t, void *, size_t *))                              \
    X(clGetDeviceIDs, int32_t, (cl_platform_id, uint64_t, uint32_t, cl_device_id *, uint32_t *))                     \
    X(clGetDeviceInfo, int32_t, (cl_device_id, uint32_t, size_t, void *, size_t *))                                  \
    X(clCreateContext, cl_context,                                                                                   \
      (const intptr_t *, uint32_t, const cl_device_id *,                                                             \
       void (*)(const char *, const void *, size_t, void *), void *, int32_t *))                                     \
    X(clReleaseContext, int32_t, (cl_context))                                                                       \
    X(clCreateCommandQueue, cl_command_queue, (cl_context, cl_device_id, uint64_t, int32_t *))                       \
    X(clReleaseCommandQueue, int32_t, (cl_command_queue))                                                            \
    X(clCreateBuffer, cl_mem, (cl_context, uint64_t, size_t, void *, int32_t *))                                     \
    X(clReleaseMemObject, int32_t, (cl_mem))                                                                         \
    X(clCreateProgramWithSource, cl_program, (cl_context, uint32_t, const char **, const size_t *, int32_t *))       \
    X(clCreateProgramWithBinary, cl_program,                                                                         \
      (cl_context, uint32_t, const cl_device_id *, const size_t *, const unsigned char **, int32_t *, int32_t *))    \
    X(clBuildProgram, int32_t,                                                                                       \
      (cl_program, uint32_t, const cl_device_id *, const char *, void (*)(cl_program, void *), void *))              \
    X(clGetProgramInfo, int32_t, (cl_program, uint32_t, size_t, void *, size_t *))                                   \
    X(clGetProgramBuildInfo, int32_t, (cl_program, cl_device_id, uint32_t, size_t, void *, size_t *))                \
    X(clReleaseProgram, int32_t, (cl_program))                                                                       \
    X(clCreateKernel, cl_kernel, (cl_program, const char *, int32_t *))                                              \
    X(clSetKernelArg, int32_t, (cl_kernel, uint32_t, size_t, const void *))                                          \
    X(clGetKernelWorkGroupInfo, int32_t, (cl_kernel, cl_device_id, uint32_t, size_t, void *, size_t *))              \
    X(clReleaseKernel, int32_t, (cl_kernel))                                                                         \
    X(clEnqueueNDRangeKernel, int32_t,                                                                               \
      (cl_command_queue, cl_kernel, uint32_t, const size_t *, const size_t *, const size_t *, uint32_t,              \
       const cl_event *, cl_event *))                                                                                \
    X(clEnqueueReadBuffer, int32_t,                                                                                  \
      (cl_command_queue, cl_mem, uint32_t, size_t, size_t, void *, uint32_t, const cl_event *, cl_event *))          \
    X(clEnqueueWriteBuffer, int32_t,                                                                                 \
      (cl_command_queue, cl_mem, uint32_t, size_t, size_t, const void *, uint32_t, const cl_event *, cl_event *))    \
    X(clEnqueueCopyBuffer, int32_t,                                                                                  \
      (cl_command_queue, cl_mem, cl_mem, size_t, size_t, size_t, uint32_t, const cl_event *, cl_event *))            \
    X(clEnqueueMapBuffer, void *,                                                                                    \
      (cl_command_queue, cl_mem, uint32_t, uint64_t, size_t, size_t, uint32_t, const cl_event *, cl_event *,         \
       int32_t *))                                                                                                   \
    X(clEnqueueUnmapMemObject, int32_t,                                                                              \
      (cl_command_queue, cl_mem, void *, uint32_t, const cl_event *, cl_event *))                                    \
    X(clEnqueueMarkerWithWaitList, int32_t, (cl_command_queue, uint32_t, const cl_event *, cl_event *))              \
    X(clWaitForEvents, int32_t, (uint32_t, const cl_event *))                                                        \
    X(clGetEventInfo, int32_t, (cl_event, uint32_t, size_t, void *, size_t *))                                       \
    X(clReleaseEvent, int32_t, (cl_event))                                                                           \
    X(clFlush, int32_t, (cl_command_queue))                                                                          \
    X(clFinish, int32_t, (cl_command_queue))

typedef struct lcl_api {
#define X(name, result, parameters) result(*name) parameters;
    LCL_FUNCTIONS(X)
#undef X
} lcl_api;

/* The functions of the library `name` (NULL: of the system's) if it is there and has them all, else NULL. The library
   stays loaded. */
const lcl_api *lcl_load(const char *name);

/* Counts objects of the library that are made (1) and released (−1). */
void lcl_count(int32_t change);
/* Those that this thread made, less those that it released. */
int64_t lcl_live_of_thread(void);

/* C[m, n] = A·B (+ C), row-major; the transposes are 111 (no) and 112 (yes), the layout 101. */
typedef int32_t lcl_sgemm(
    int32_t layout, int32_t transposeA, int32_t transposeB, size_t m, size_t n, size_t k, float alpha, cl_mem a,
    size_t aOffset, size_t aStride, cl_mem b, size_t bOffset, size_t bStride, float beta, cl_mem c, size_t cOffset,
    size_t cStride, cl_command_queue *queue, cl_event *event);

/* CLBlast's product; NULL where it is not installed. */
lcl_sgemm *lcl_clblast_sgemm(void);

/* The kernels' texts, one for each file of kernels/: lcl_text_<name>(). */
#define LCL_TEXTS(X) X(vector) X(activate) X(softmax) X(loss) X(normalize) X(images) X(steps) X(rows) X(sums) X(update) X(blocked) \
    X(tiled) X(fusedSingle) X(fusedPopulation)
#define LCL_DECLARE(name) const char *lcl_text_##name(void);
LCL_TEXTS(LCL_DECLARE)

#include "CMPI.h"

#include <mpi.h>
#include <stdbool.h>

/* MPI counts in ints. */
enum { AT_ONCE = 1 << 30 };

lc_ranks lc_ranks_begin(void) {
    int ready = 0, level;
    MPI_Initialized(&ready);
    /* Only the thread that begins calls MPI. */
    if (!ready) MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    int rank, count, here;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    MPI_Comm host;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &host);
    MPI_Comm_size(host, &here);
    MPI_Comm_free(&host);
    return (lc_ranks){.rank = rank, .count = count, .onHost = here};
}

void lc_ranks_end(void) {
    int ended = 0;
    MPI_Finalized(&ended);
    if (!ended) MPI_Finalize();
}

void lc_ranks_abort(int32_t status) { MPI_Abort(MPI_COMM_WORLD, status); }

const char *lc_ranks_host(void) {
    static char name[MPI_MAX_PROCESSOR_NAME + 1];
    int length;
    MPI_Get_processor_name(name, &length);
    return name;
}

void lc_ranks_sum_floats(float *values, int64_t count) {
    for (int64_t done = 0; done < count; done += AT_ONCE)
        MPI_Allreduce(
            MPI_IN_PLACE, values + done, (int)(count - done < AT_ONCE ? count - done : AT_ONCE), MPI_FLOAT, MPI_SUM,
            MPI_COMM_WORLD);
}

void lc_ranks_sum_doubles(double *values, int64_t count) {
    for (int64_t done = 0; done < count; done += AT_ONCE)
        MPI_Allreduce(
            MPI_IN_PLACE, values + done, (int)(count - done < AT_ONCE ? count - done : AT_ONCE), MPI_DOUBLE, MPI_SUM,
            MPI_COMM_WORLD);
}

void lc_ranks_spread_doubles(double *values, int64_t count) {
    MPI_Bcast(values, (int)count, MPI_DOUBLE, 0, MPI_COMM_WORLD);
}

void lc_ranks_gather(const uint8_t *own, int32_t count, uint8_t *all) {
    MPI_Allgather(own, count, MPI_BYTE, all, count, MPI_BYTE, MPI_COMM_WORLD);
}

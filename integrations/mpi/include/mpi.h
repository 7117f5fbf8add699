/*
 * The functions of MPI that training calls, declared for all implementations at once: handles of
 * communicators, datatypes and operators are pointers in Open MPI and in MPI 5's standard ABI, and
 * ints in MPICH, which reads the lower half of the register. A request is written by the library,
 * into eight bytes that hold either.
 */
typedef void *handle;

int MPI_Get_library_version(char *version, int *length);
int MPI_Initialized(int *flag);
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided);
int MPI_Finalize(void);
int MPI_Comm_rank(handle comm, int *rank);
int MPI_Comm_size(handle comm, int *size);
int MPI_Comm_set_errhandler(handle comm, handle errhandler);
int MPI_Error_string(int code, char *text, int *length);
int MPI_Get_processor_name(char *name, int *length);
int MPI_Isend(const void *buffer, int count, handle datatype, int destination, int tag, handle comm,
              void *request);
int MPI_Irecv(void *buffer, int count, handle datatype, int source, int tag, handle comm,
              void *request);
int MPI_Test(void *request, int *flag, void *status);
int MPI_Iprobe(int source, int tag, handle comm, int *flag, void *status);
int MPI_Ibcast(void *buffer, int count, handle datatype, int root, handle comm, void *request);
int MPI_Iallreduce(const void *sent, void *received, int count, handle datatype, handle op,
                   handle comm, void *request);
int MPI_Iallgather(const void *sent, int sent_count, handle sent_datatype, void *received,
                   int received_count, handle received_datatype, handle comm, void *request);
int MPI_Iallgatherv(const void *sent, int sent_count, handle sent_datatype, void *received,
                    const int *received_counts, const int *displacements, handle received_datatype,
                    handle comm, void *request);
int MPI_Ibarrier(handle comm, void *request);

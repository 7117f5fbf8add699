/* How MPI is opened: its plugins need its symbols to be global, which Java's own way does not do. */
void *dlopen(const char *path, int flags);
void *dlsym(void *library, const char *symbol);
char *dlerror(void);

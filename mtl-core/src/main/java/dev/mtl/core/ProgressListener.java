package dev.mtl.core;

/**
 * Is told how far a download or a conversion has come. One piece of work at a time: {@link
 * #started}, any number of {@link #advanced}, {@link #finished} (also when it failed). The calls
 * may come from several threads, but never at the same time.
 */
public interface ProgressListener {

    /** The total of a piece of work whose size is not known beforehand. */
    long UNKNOWN = -1;

    /** Does nothing. */
    ProgressListener NONE =
            new ProgressListener() {
                @Override
                public void started(String what, long totalBytes) {}

                @Override
                public void advanced(long bytes) {}

                @Override
                public void finished() {}
            };

    /**
     * A piece of work begins.
     *
     * @param what a few words for a user, such as {@code downloading all-MiniLM-L6-v2}
     * @param totalBytes all bytes that will be reported, or {@link #UNKNOWN}
     */
    void started(String what, long totalBytes);

    /** So many more bytes are done. */
    void advanced(long bytes);

    /** The piece of work is over. */
    void finished();
}

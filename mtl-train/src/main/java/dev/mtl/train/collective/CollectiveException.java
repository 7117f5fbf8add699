package dev.mtl.train.collective;

import dev.mtl.core.MtlException;

/** Another process of the training has failed, or does not answer. */
public final class CollectiveException extends MtlException {
    /**
     * A failure elsewhere.
     *
     * @param message names the process and its reason
     */
    public CollectiveException(String message) {
        super(message);
    }
}

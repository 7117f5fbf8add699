package dev.mtl.core.store.hub;

/**
 * A model repository of the Hugging Face hub at one revision.
 *
 * @param repository {@code org/name}, or {@code name} alone for the hub's oldest models
 * @param revision a branch, tag or commit
 */
public record HubModel(String repository, String revision) {

    /** {@code hf:org/name@revision}. */
    @Override
    public String toString() {
        return "hf:" + repository + "@" + revision;
    }
}

package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/** The tasks whose entities the heads of other tasks need, as a relation's does. */
public final class EntitiesTasks {
    private EntitiesTasks() {}

    /**
     * Some tasks, and those whose entities their heads need.
     *
     * @throws ConfigurationException if the model lacks one of these
     */
    public static List<String> with(Collection<String> names, MultiTaskModel model) {
        var tasks = new LinkedHashSet<>(names);
        for (var name : names) {
            var other = model.task(name).head().entitiesTask();
            if (other.isPresent() && !model.tasks().containsKey(other.get())) {
                throw new ConfigurationException(
                        ("task '%s' reads the entities of '%s', which is no task of this model;"
                                        + " it has %s")
                                .formatted(name, other.get(), model.tasks().keySet()));
            }
            other.ifPresent(tasks::add);
        }
        return List.copyOf(tasks);
    }
}

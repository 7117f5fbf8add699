package org.example.boot;

import dev.mtl.core.pipeline.Pipeline;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

import java.nio.file.Path;
import java.util.concurrent.Executors;

/** Analyses a text with a bean: {@code --model=DIRECTORY}. */
@SpringBootApplication
public class Application {
    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments).close();
    }

    /** Loaded once, closed with the application. */
    @Bean(destroyMethod = "close")
    Pipeline pipeline(@Value("${model}") Path model) {
        return Pipeline.load(model);
    }

    /** Calls from virtual threads share batches. */
    @Bean
    CommandLineRunner analyze(Pipeline pipeline) {
        return _ -> {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var analysis = threads.submit(() -> pipeline.analyze("Is Harbor free?")).get();
                System.out.println("intent " + analysis.label("intent").name());
            }
        };
    }
}

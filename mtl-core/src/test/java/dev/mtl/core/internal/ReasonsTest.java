package dev.mtl.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

class ReasonsTest {
    @Test
    void filesThatAreNotThereAreSaidInWords(@TempDir Path directory) {
        var failure =
                catchThrowableOfType(
                        IOException.class, () -> Files.readString(directory.resolve("absent")));

        assertThat(Reasons.of(failure)).isEqualTo("no such file or directory");
    }

    @Test
    void directoriesWithFilesAreSaidInWords(@TempDir Path directory) throws IOException {
        Files.createFile(directory.resolve("file"));

        var failure = catchThrowableOfType(IOException.class, () -> Files.delete(directory));

        assertThat(Reasons.of(failure)).isEqualTo("directory not empty");
    }

    @Test
    void filesOfOthersAreSaidInWords() {
        assertThat(Reasons.of(new AccessDeniedException("/etc/shadow")))
                .isEqualTo("permission denied");
    }

    @Test
    void otherReasonsOfTheSystemStayAsTheyAre() {
        var failure = new FileSystemException("/model", null, "No space left on device");

        assertThat(Reasons.of(failure)).isEqualTo("No space left on device");
    }

    @Test
    void exceptionsWithoutAMessageAreNamed() {
        assertThat(Reasons.of(new IOException())).isEqualTo("IOException");
    }
}

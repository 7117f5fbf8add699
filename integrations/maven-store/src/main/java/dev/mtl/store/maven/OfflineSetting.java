package dev.mtl.store.maven;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;

/**
 * The switch {@code <offline>} of the user's {@code settings.xml}, which MIMA does not read. As in
 * Maven, global settings have no say in it, and {@code ${env.NAME}} and {@code ${property}} are
 * replaced.
 */
final class OfflineSetting {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(env\\.)?([^}]+)}");

    private OfflineSetting() {}

    /**
     * Whether the settings say offline.
     *
     * @param settings need not exist
     * @throws MtlException if the file cannot be read
     */
    static boolean read(Path settings) {
        if (!Files.isRegularFile(settings)) {
            return false;
        }
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (var in = Files.newInputStream(settings)) {
            var reader = factory.createXMLStreamReader(in);
            int depth = 0;
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    if (++depth == 2 && reader.getLocalName().equals("offline")) {
                        return Boolean.parseBoolean(interpolated(reader.getElementText().strip()));
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT) {
                    depth--;
                }
            }
            return false;
        } catch (IOException | XMLStreamException e) {
            throw new MtlException(
                    "Maven's settings cannot be read: %s: %s".formatted(settings, e.getMessage()),
                    e);
        }
    }

    private static String interpolated(String text) {
        return VARIABLE.matcher(text)
                .replaceAll(
                        variable -> {
                            var name = variable.group(2);
                            var value =
                                    variable.group(1) == null
                                            ? System.getProperty(name)
                                            : System.getenv(name);
                            return Matcher.quoteReplacement(
                                    value == null ? variable.group() : value);
                        });
    }
}

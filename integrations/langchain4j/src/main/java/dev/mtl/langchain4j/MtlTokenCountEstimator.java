package dev.mtl.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.SentenceEncoder;

/** Counts tokens of an encoder, which stays the caller's. */
record MtlTokenCountEstimator(SentenceEncoder encoder) implements TokenCountEstimator {
    @Override
    public int estimateTokenCountInText(String text) {
        return encoder.countTokens(text);
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return encoder.countTokens(
                switch (message) {
                    case SystemMessage system -> system.text();
                    case UserMessage user -> user.singleText();
                    case AiMessage ai -> ai.text() == null ? "" : ai.text();
                    default ->
                            throw new ConfigurationException(
                                    "tokens of a message of type "
                                            + message.type()
                                            + " cannot be counted: it is not a text");
                });
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        int sum = 0;
        for (var message : messages) {
            sum += estimateTokenCountInMessage(message);
        }
        return sum;
    }
}

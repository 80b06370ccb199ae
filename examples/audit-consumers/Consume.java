// Prints every event of every run once, in order: run, seq, type, data. Needs a JDK (17 or later) and the kafka-clients jar with slf4j-api:
//   KAFKA_BROKERS=127.0.0.1:9092 java -cp 'libs/*' examples/audit-consumers/Consume.java
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Consume {
  static final String TOPIC = "audit.events";

  public static void main(String[] arguments) {
    Map<String, Object> settings = Map.of("bootstrap.servers", System.getenv("KAFKA_BROKERS"), "enable.auto.commit", false);
    Map<String, Long> last = new HashMap<>();
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream().map(found -> new TopicPartition(TOPIC, found.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (true) {
        for (ConsumerRecord<String, String> event : consumer.poll(Duration.ofSeconds(1))) {
          String run = header(event, "ce_subject");
          long seq = header(event, "ce_seq").isEmpty() ? 0 : Long.parseLong(header(event, "ce_seq"));

          // The two lines: what is not greater than the last seq of its run is a repeat (or, without a seq, no event of a run).
          if (seq <= last.getOrDefault(run, 0L)) continue;
          last.put(run, seq);

          System.out.printf("%s\t%d\t%s\t%s%n", run, seq, header(event, "ce_type"), event.value());
        }
      }
    }
  }

  static String header(ConsumerRecord<String, String> event, String name) {
    var header = event.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }
}

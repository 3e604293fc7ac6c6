import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;
import java.util.Scanner;

/** Reads one URL per line from stdin, as base64; prints what pgJDBC makes of it, each field as base64. */
class Parse {
  public static void main(String[] arguments) {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      String url = new String(Base64.getDecoder().decode(lines.nextLine().trim()), StandardCharsets.UTF_8);
      Properties parsed = org.postgresql.Driver.parseURL(url, null);
      StringBuilder line = new StringBuilder();
      for (String name : new String[] {"user", "password", "PGHOST", "PGPORT", "PGDBNAME", "sslmode"}) {
        line.append(Base64.getEncoder().encodeToString(parsed.getProperty(name).getBytes(StandardCharsets.UTF_8))).append(' ');
      }
      System.out.println(line.toString().trim());
    }
  }
}

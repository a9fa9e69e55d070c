const TRACE: readonly RegExp[] = [
  /^\s*at\s+\S.*(?:\(.*\)|:\d+(?::\d+)?)\s*$/, // JavaScript, Java, .NET
  /^Traceback \(most recent call last\)/,
  /^\s+File ".*", line \d+/,
  /^\s*(?:Caused by: )?(?:[a-z_$][\w$]*\.)+[A-Z]\w*(?:Exception|Error)\b/, // java.lang.NullPointerException
  /^\s*(?:Caused by: |Uncaught |Unhandled )?[A-Z]\w*(?:Exception|Error)(?: \[\w+\])?: /, // TypeError: …
  /^\s*\.{3} \d+ more\s*$/,
  /^goroutine \d+ \[|^panic: |^thread '.*' panicked at/,
  /^\s+from .*:\d+:in [`']/, // Ruby
  /^#\d+\s+(?:0x[0-9a-f]+|\S+\(\d+\):)/, // C, PHP
];
const LOG: readonly RegExp[] = [
  /^\s*\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/,
  /^\s*\[?\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\]?\s/,
  /^\s*\[?(?:ERROR|FATAL|WARN(?:ING)?|INFO|DEBUG|TRACE|CRITICAL|SEVERE)\]?(?:\s*[:|[\]-]|\s{2,}|\s+[a-z][\w.]*[:[(])/,
  /^\s*[A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} /, // syslog
  /^\s*(?:\d{1,3}\.){3}\d{1,3} - /, // access log
  /^\s*npm (?:ERR!|error|warn)/,
  /^\s*[{[<].*[}\]>][,;]?\s*$/, // JSON, XML
  /^\s*(?:\$|>>>|#|C:\\.*>) \S/, // a prompt
  /;\s*$|^\s*[{}\])]+[,;]?\s*$/, // code
];

/** A line of a stack trace, of any usual language. */
export const isTraceLine = (line: string): boolean => TRACE.some((pattern) => pattern.test(line));

/** A line that a program wrote, or code. */
export const isLogLine = (line: string): boolean => LOG.some((pattern) => pattern.test(line));

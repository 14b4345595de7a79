import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What waits to be written while the disk is full; what comes after is lost. */
const keptBytes = 1 << 20;

/** Lines of JSON to a file, or to standard error; fields that could hold a secret are masked. */
export function createLog(options: { readonly level: LogLevel; readonly file?: string }): Log {
  const sink = destination({
    dest: options.file ?? 2,
    mkdir: true,
    sync: true,
    append: true,
    maxLength: keptBytes,
  });
  // A log that can't be written is no reason to end what it tells of; the next line tries again.
  sink.on('error', () => undefined);
  return pino(
    { level: options.level, base: null, redact: ['*.secretAccessKey', '*.token', '*.userData'] },
    sink,
  );
}

export const silentLog: Log = pino({ level: 'silent' });

import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Lines of JSON to a file, or to standard error; fields that could hold a secret are masked. */
export function createLog(options: { readonly level: LogLevel; readonly file?: string }): Log {
  const sink = destination({ dest: options.file ?? 2, mkdir: true, sync: true, append: true });
  return pino(
    { level: options.level, base: null, redact: ['*.secretAccessKey', '*.token', '*.userData'] },
    sink,
  );
}

export const silentLog: Log = pino({ level: 'silent' });

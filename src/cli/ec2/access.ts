/** Who reaches a machine, as options say it. */
import { CliError, exitCodes } from '../errors.ts';

export interface Openings {
  /** Beside 22. */
  readonly ports: readonly number[];
  /** '0.0.0.0/0' */
  readonly source: string;
}

/** '80,443' */
export function parsePorts(text: string): readonly number[] {
  return text.split(',').map((part) => {
    const port = Number(part);
    if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
    throw new CliError(
      `--ports '${text}': '${part}' is no port; give numbers from 1 to 65535, as in 80,443`,
      {
        exitCode: exitCodes.usage,
      },
    );
  });
}

/** An IPv4 address stands for itself alone. */
export function parseSource(text: string): string {
  const [, address = '', bits = '32'] = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  if (address !== '' && address.split('.').every((part) => Number(part) < 256) && Number(bits) <= 32) {
    return `${address}/${bits}`;
  }
  throw new CliError(`--from '${text}': give an IPv4 address or range, as in 127.0.0.1 or 10.0.0.0/8`, {
    exitCode: exitCodes.usage,
  });
}

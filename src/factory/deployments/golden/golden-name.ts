import { timeVersion } from '../../versions/default-version.ts';

const longest = 128;

export interface GoldenName {
  readonly app: string;
  readonly version: string;
  readonly mode?: string | undefined;
  readonly now: Date;
}

/** `kamiwaza-golden-v0.9.2-20260121-180000`: what EC2 doesn't take in a name becomes a dash; the time stays whole. */
export function goldenName(pattern: string, { app, version, mode = '', now }: GoldenName): string {
  const [before = '', after = ''] = pattern.split('{time}').map((text) =>
    text
      .replaceAll('{app}', app)
      .replaceAll('{version}', version)
      .replaceAll('{mode}', mode)
      .replaceAll(/[^A-Za-z0-9()[\] ./\-'@_]+/g, '-'),
  );
  const end = `${timeVersion(now)}${after}`.slice(0, longest);
  return `${before.slice(0, longest - end.length)}${end}`;
}

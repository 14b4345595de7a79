/** What several fields of a template are made of. */
import { z } from 'zod';
import { durationMs, durationPattern } from './duration.ts';

const otherNames: Readonly<Record<string, string>> = { amd64: 'x86_64', x64: 'x86_64', aarch64: 'arm64' };

export const architecture = z.enum(['x86_64', 'arm64'], {
  error: ({ input }) => {
    const ours = otherNames[String(input)];
    return ours === undefined ? undefined : `is '${input}', which EC2 calls ${ours}`;
  },
});

export const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, such as us-east-1');

export const port = z.int().min(1).max(65_535);

const durationRule = 'must be a length of time, such as 90s, 30m, 2h or 7d; a bare number counts seconds';

/** Read as milliseconds. */
export const duration = z
  .union([z.number().min(0), z.string().regex(durationPattern, durationRule)], durationRule)
  .transform((given) => durationMs(given) ?? 0);

/** YAML reads 80 and true as other things than text; what people meant is the text. Of 1.10 it would lose the zero. */
export const scalarText = z
  .union([z.string(), z.int(), z.boolean()], 'must be a text; put it in quotes')
  .transform((given) => String(given));

export function perArchitecture<T extends z.ZodType>(value: T) {
  return z.strictObject({ x86_64: value.optional(), arm64: value.optional() });
}

export function perRegionAndArchitecture<T extends z.ZodType>(value: T) {
  return z.record(regionName, perArchitecture(value));
}

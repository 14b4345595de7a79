/** Where templates are looked for: the home's, those of whoever asks, and those that ship. */
import { join } from 'node:path';
import type { TemplatePlaces } from './find-template.ts';

/** `from`: the folder of whoever asks, absolute. Its `templates/` comes after the home's. */
export function templatePlaces(directories: readonly string[], from?: string): TemplatePlaces {
  if (from === undefined) return { directories };
  const [own, ...shipped] = directories;
  return { directories: [...(own === undefined ? [] : [own]), join(from, 'templates'), ...shipped], from };
}

import { readFile } from 'node:fs/promises';

/** The words of a recipe file: one or more a line, `#` at the start of a line for a comment. */
export async function readRecipeList(file: string): Promise<readonly string[]> {
  return (await readRecipeLines(file)).flat();
}

/** The same, line by line. */
export async function readRecipeLines(file: string): Promise<readonly (readonly string[])[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/));
}

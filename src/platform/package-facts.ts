/** Where this copy of Ingot stands, and which it is: a checkout runs src/, a package dist/src/. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackageFacts {
  /** The folder that holds package.json. */
  readonly root: string;
  readonly version: string;
}

export function packageFacts(): PackageFacts {
  let root = import.meta.dirname;
  while (!existsSync(join(root, 'package.json'))) {
    const parent = dirname(root);
    if (parent === root) throw new Error(`No package.json stands above ${import.meta.dirname}`);
    root = parent;
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return { root, version: manifest.version };
}

/**
 * Writing image ids into a template's YAML text. Only the `ami_config` block is written anew: all around it stays as
 * it is, to the byte, and inside it comments, quotes and order stay.
 */
import { Document, isMap, isNode, isScalar, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { Architecture } from '../../platform/ids.ts';
import { FactoryError } from '../factory-error.ts';

export interface AmiSetting {
  readonly region: string;
  readonly architecture: Architecture;
  /** Absent: what stands there is removed. */
  readonly imageId?: string;
}

export interface TemplateWithAmis {
  readonly source: string;
  /** Settings that were not so already. */
  readonly changed: readonly AmiSetting[];
}

const key = 'ami_config';

/** Throws where the text is no template's; `file` names it. */
export function setTemplateAmis(
  source: string,
  settings: readonly AmiSetting[],
  file: string,
): TemplateWithAmis {
  const document = parseDocument(source);
  const { contents } = document;
  if (document.errors.length > 0 || !isMap<Scalar, unknown>(contents)) {
    const why = document.errors[0]?.message ?? 'it holds no fields';
    throw new FactoryError('invalid', `${file} can't be written to: ${why}`);
  }
  const block = findBlock(source, contents);
  // The older name, where a template has only that.
  const older = document.hasIn([key, 'ami_mappings']) && !document.hasIn([key, 'amis']);
  const path = ({ region, architecture }: AmiSetting) =>
    [key, older ? 'ami_mappings' : 'amis', region, architecture] as const;
  const changed = settings.filter((setting) => document.getIn(path(setting)) !== setting.imageId);
  if (changed.length === 0) return { source, changed };
  for (const setting of changed) setId(document, path(setting), setting.imageId);
  return { source: replaceBlock(source, block, blockText(source, contents, block)), changed };
}

interface Block {
  readonly from: number;
  readonly to: number;
}

/** From the key to the end of its value; at the end of the text where there is none. */
function findBlock(source: string, contents: YAMLMap<Scalar, unknown>): Block {
  const pair = contents.items.find((item) => item.key.value === key);
  if (pair === undefined) return { from: source.length, to: source.length };
  const from = pair.key.range?.[0] ?? source.length;
  const value = pair.value as { readonly range?: readonly number[] | null } | null;
  return { from, to: value?.range?.[1] ?? pair.key.range?.[2] ?? source.length };
}

function setId(document: Document, path: readonly string[], imageId: string | undefined): void {
  if (imageId === undefined) {
    document.deleteIn(path);
    return;
  }
  for (let depth = 1; depth < path.length; depth++) {
    const parent = path.slice(0, depth);
    if (!isMap(document.getIn(parent, true))) document.setIn(parent, document.createNode({}));
  }
  if (isScalar(document.getIn(path, true))) {
    document.setIn(path, imageId);
    return;
  }
  const scalar = new Scalar(imageId);
  scalar.type = 'QUOTE_DOUBLE';
  document.setIn(path, scalar);
}

/** The block alone, indented as it was. */
function blockText(source: string, contents: YAMLMap<Scalar, unknown>, { from, to }: Block): string {
  // A pair just added has its key as plain text.
  const pair = contents.items.find((item) => (isScalar(item.key) ? item.key.value : item.key) === key);
  if (pair === undefined) return '';
  if (isScalar(pair.key)) {
    // What stands before the block is in the text around it already.
    pair.key.commentBefore = null;
    pair.key.spaceBefore = false;
  }
  // So is a comment that the parser gave to the value, but which stands behind it.
  if (isNode(pair.value) && pair.value.comment) {
    const [first] = pair.value.comment.split('\n');
    if (!source.slice(from, to).includes(`#${first}`)) pair.value.comment = null;
  }
  const alone = new Document<YAMLMap<Scalar, unknown>>({});
  alone.contents?.items.push(pair);
  const [, indent = '  '] = /\n( +)[^\s#]/.exec(source.slice(from, to)) ?? [];
  return alone.toString({ lineWidth: 0, indent: indent.length });
}

function replaceBlock(source: string, { from, to }: Block, text: string): string {
  const lineEnd = source.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.trimEnd().replaceAll('\n', lineEnd);
  if (from === source.length) {
    const before = source === '' || source.endsWith('\n') ? source : source + lineEnd;
    return `${before}${lineEnd}${lines}${lineEnd}`;
  }
  // A block's range ends after its last line, a value's within its line.
  const end = source.slice(from, to).endsWith('\n') ? lineEnd : '';
  return source.slice(0, from) + lines + end + source.slice(to);
}

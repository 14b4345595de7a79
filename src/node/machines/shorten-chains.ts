import type { NodeContext } from '../context.ts';
export async function shortenChains(_context: NodeContext): Promise<void> {}

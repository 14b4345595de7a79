/**
 * A set of digests that holds millions in little memory: eight bytes of each, open addressing. Two digests with
 * the same first eight bytes count as one, so `has` may say yes wrongly (1 in 2^64 a pair), never no. The
 * collector leans to that side: a chunk is kept too long, never lost.
 */
import type { Digest } from './digest.ts';

export interface DigestSet {
  readonly size: number;
  has(digest: Digest): boolean;
  /** True where it was not in the set. */
  add(digest: Digest): boolean;
}

export function digestSet(): DigestSet {
  let capacity = 1024;
  let table = new Uint32Array(capacity * 2);
  let size = 0;

  function place(cells: Uint32Array, slots: number, high: number, low: number): number {
    let slot = (high ^ low) & (slots - 1);
    for (;;) {
      const h = cells[slot * 2];
      const l = cells[slot * 2 + 1];
      if ((h === 0 && l === 0) || (h === high && l === low)) return slot;
      slot = (slot + 1) & (slots - 1);
    }
  }

  function grow(): void {
    const larger = new Uint32Array(capacity * 4);
    for (let slot = 0; slot < capacity; slot++) {
      const high = table[slot * 2] ?? 0;
      const low = table[slot * 2 + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const to = place(larger, capacity * 2, high, low);
      larger[to * 2] = high;
      larger[to * 2 + 1] = low;
    }
    table = larger;
    capacity *= 2;
  }

  // Zero marks an empty cell, so a digest that begins with 64 zero bits is filed under 1.
  const keyOf = (digest: Digest): readonly [number, number] => {
    const high = Number.parseInt(digest.slice(0, 8), 16);
    const low = Number.parseInt(digest.slice(8, 16), 16);
    return high === 0 && low === 0 ? [0, 1] : [high, low];
  };

  return {
    get size() {
      return size;
    },
    has(digest) {
      const [high, low] = keyOf(digest);
      const slot = place(table, capacity, high, low);
      return table[slot * 2] === high && table[slot * 2 + 1] === low;
    },
    add(digest) {
      const [high, low] = keyOf(digest);
      const slot = place(table, capacity, high, low);
      if (table[slot * 2] === high && table[slot * 2 + 1] === low) return false;
      table[slot * 2] = high;
      table[slot * 2 + 1] = low;
      size++;
      if (size * 10 > capacity * 7) grow();
      return true;
    },
  };
}

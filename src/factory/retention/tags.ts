/** Retention's memory stands on the images themselves, so that it holds for whoever looks after them next. */
export const tagKeys = {
  /** ISO 8601. Deprecated by retention, and let go of then unless somebody needs it. */
  retireAfter: 'ingot:retire-after',
  /** ISO 8601. An image in the bin is disabled; restoring enables it again. */
  binnedAt: 'ingot:binned-at',
  deleteAfter: 'ingot:delete-after',
  /** Why the image stays for good. */
  pin: 'ingot:pin',
} as const;

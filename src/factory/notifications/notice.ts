/** What somebody outside may want to hear of: an image or a machine became ready, or did not, or is no more. */
export const noticeEvents = ['ready', 'failed', 'revoked', 'retired'] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

export interface Notice {
  /** Told once, whoever says it again: `build b-1 ready`. A step that is run a second time gives the same. */
  readonly key: string;
  readonly event: NoticeEvent;
  readonly subject: NoticeSubject;
  /** One sentence for people. */
  readonly message: string;
  /** For programs; JSON, fields in snake_case. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface NoticeSubject {
  readonly kind: 'build' | 'version' | 'image' | 'creation' | 'deployment' | 'rebuild';
  readonly id: string;
  /** As people know it: `web 1.4.0`. */
  readonly name: string;
  /** The template's slug, or the app's name: receivers may ask for some of them alone. */
  readonly template?: string;
  readonly target?: string;
  readonly region?: string;
}

import type { Notice, NoticeEvent } from './notice.ts';

/** Who is told, as the home's configuration says: a webhook or a program. */
export type Receiver = {
  readonly name: string;
  /** All unless told. */
  readonly events?: readonly NoticeEvent[];
  /** Of these templates and apps alone. */
  readonly templates?: readonly string[];
} & (
  | { readonly url: string }
  /** The program and its arguments; it reads the notice from its standard input. */
  | { readonly command: readonly string[] }
);

export interface Message {
  /** The same at each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly event: NoticeEvent;
  /** JSON. */
  readonly body: string;
}

export function isFor(
  { events, templates }: Receiver,
  { event, subject }: Pick<Notice, 'event' | 'subject'>,
): boolean {
  const isEvent = events?.includes(event) ?? true;
  const isTemplate = templates?.some((template) => template === subject.template) ?? true;
  return isEvent && isTemplate;
}

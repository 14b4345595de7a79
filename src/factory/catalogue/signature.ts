/**
 * Ed25519 signatures in a DSSE envelope: what is signed, its type and the signature are one file, so that no reader
 * ever sees one without the other. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.base64() })).min(1),
});

export function sealed(payloadType: string, payload: Buffer, key: KeyObject): string {
  const sig = sign(null, signedBytes(payloadType, payload), key).toString('base64');
  const keyid = fingerprint(publicKeyText(key));
  const envelope = { payloadType, payload: payload.toString('base64'), signatures: [{ keyid, sig }] };
  return `${JSON.stringify(envelope)}\n`;
}

/** The payload, where one of the signatures is the key's; undefined where none is. Throws what can't be read. */
export function opened(text: string, payloadType: string, publicKey: string): Buffer | undefined {
  const envelope = envelopeSchema.parse(JSON.parse(text));
  if (envelope.payloadType !== payloadType) return undefined;
  const payload = Buffer.from(envelope.payload, 'base64');
  const key = publicKeyOf(publicKey);
  const bytes = signedBytes(payloadType, payload);
  const isSigned = envelope.signatures.some(({ sig }) =>
    verify(null, bytes, key, Buffer.from(sig, 'base64')),
  );
  return isSigned ? payload : undefined;
}

/** Vouched for by nobody yet. */
export function payloadOf(text: string): Buffer {
  return Buffer.from(envelopeSchema.parse(JSON.parse(text)).payload, 'base64');
}

/** How keys are told and kept: base64 of the DER that every crypto library writes. */
export function publicKeyText(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** What people compare: 'SHA256:…', as SSH shows keys. */
export function fingerprint(publicKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function publicKeyOf(text: string): KeyObject {
  return createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' });
}

/** The type is signed too, so that a signature for one kind of file is none for another. */
function signedBytes(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

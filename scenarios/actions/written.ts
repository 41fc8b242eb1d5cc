import {
  type AnyObject,
  ApiSchema,
  asWritten,
  type DecodeOptions,
  encode,
  lastAppliedText,
} from '../../models/api/index.js';

/** An object with the fields that its manifest has, and no others. */
export const writtenOf = <T extends AnyObject>({ kubernetesVersion }: DecodeOptions, object: T): T =>
  asWritten(object, ApiSchema.of(kubernetesVersion));

/** The annotation that tells that this was applied last. */
export const lastAppliedTextOf = (decoding: DecodeOptions, object: AnyObject): string =>
  lastAppliedText(encode(writtenOf(decoding, object), decoding.startTime));

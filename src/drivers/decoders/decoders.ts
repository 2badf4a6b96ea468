import { decodeDraginoLht65 } from './dragino-lht65.ts';
import { decodeMilesightEm300, decodeMilesightVs121, decodeMilesightVs133 } from './milesight-tlv.ts';
import type { PayloadDecoder } from './payload-decoder.ts';
import { decodeRuuviRawV2 } from './ruuvi-rawv2.ts';

/** The binary payloads that a profile may name. */
export const DECODERS = {
  'ruuvi-rawv2': decodeRuuviRawV2,
  'milesight-em300': decodeMilesightEm300,
  'milesight-vs121': decodeMilesightVs121,
  'milesight-vs133': decodeMilesightVs133,
  'dragino-lht65': decodeDraginoLht65,
} as const satisfies Readonly<Record<string, PayloadDecoder>>;

export type DecoderName = keyof typeof DECODERS;

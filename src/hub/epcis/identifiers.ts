import { gs1CheckDigit, parseGln, parseGtin } from '../../shared/gtin.ts';

/**
 * GS1 keys as EPCIS writes them: the canonical GS1 Digital Link (URI Syntax 1.2, section 4.11), and the older EPC URNs (EPC Tag
 * Data Standard, section 6.3), which are read and made the same.
 */

const LINK = 'https://id.gs1.org';
/** GS1 General Specifications, figure 7.11-1, less those that an address would have to escape; at most 20. */
const EXTENSION = /^[A-Za-z0-9_.-]{1,20}$/;

/** An item, any unit of it. */
export const itemLink = (gtin: string): string => `${LINK}/01/${gtin}`;

/** A store, or one place in it where its name can be written as GS1 does. */
export const placeLink = (gln: string, place?: string): string =>
  place !== undefined && EXTENSION.test(place) ? `${LINK}/414/${gln}/254/${place}` : `${LINK}/414/${gln}`;

/** The GLN of a place, in any form; null when it is none. */
export function glnOf(uri: string): string | null {
  const link = /^https?:\/\/[^?#]*?\/414\/(\d{13})(?:[/?#]|$)/.exec(uri);
  if (link) return parseGln(link[1]!);
  const urn = /^urn:epc:id:sgln:(\d+)\.(\d*)\./.exec(uri);
  const body = urn ? `${urn[1]}${urn[2]}` : '';
  return body.length === 12 ? `${body}${gs1CheckDigit(body)}` : null;
}

/** A place so that the same place has the same text: as a link, without extension `0`, which says that there is none. */
export function canonicalPlace(uri: string): string {
  const gln = glnOf(uri);
  if (gln === null) return uri;
  const extension = /\/254\/([^/?#]+)/.exec(uri)?.[1] ?? /^urn:epc:id:sgln:\d+\.\d*\.(.+)$/.exec(uri)?.[1];
  return extension === undefined || extension === '0'
    ? placeLink(gln)
    : `${LINK}/414/${gln}/254/${extension}`;
}

/** An item, lot or unit so that the same thing has the same text; what is no GTIN stays as it is. */
export function canonicalItem(uri: string): string {
  const link = /^https?:\/\/[^?#]*?\/01\/(\d{8,14})((?:\/(?:10|21)\/[^/?#]+)*)/.exec(uri);
  const gtin = link ? parseGtin(link[1]!) : null;
  if (link && gtin) return `${itemLink(gtin)}${link[2]}`;
  const urn = /^urn:epc:(idpat:sgtin|id:sgtin|class:lgtin):(\d+)\.(\d)(\d*)\.(.+)$/.exec(uri);
  if (!urn) return uri;
  const [, kind, company, indicator, item, rest] = urn;
  const body = `${indicator}${company}${item}`;
  if (body.length !== 13) return uri;
  const whole = itemLink(`${body}${gs1CheckDigit(body)}`);
  if (kind === 'class:lgtin') return `${whole}/10/${rest}`;
  return rest === '*' ? whole : `${whole}/21/${rest}`;
}

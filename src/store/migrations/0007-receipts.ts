/** The few receipts among a million events are found without a walk through them. */
export const sql = `
CREATE INDEX event_receipt ON event (seq) WHERE type = 'outage_receipt';
`;

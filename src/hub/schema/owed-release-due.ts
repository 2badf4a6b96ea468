/** A release is owed from before a store is asked, and due when the order should long have been placed. */
export const owedReleaseDue = `
ALTER TABLE owed_release ADD COLUMN due_at timestamptz NOT NULL DEFAULT now()`;

// Limits the text of one answer while its rows are read, so that a larger one never fills the memory.

/** The limit for an answer as it is sent. */
export const MAX_ANSWER_BYTES = 32 * 1024 ** 2

import { AnswerTooLarge } from './errors'

/** Counts the text of rows. A character takes at least one byte of an answer. */
export class AnswerSizeLimit {
  private left = MAX_ANSWER_BYTES

  /** Starts to count another answer. */
  begin(): void {
    this.left = MAX_ANSWER_BYTES
  }

  /** @throws AnswerTooLarge */
  count(row: object): void {
    for (const value of Object.values(row)) if (typeof value === 'string') this.left -= value.length
    if (this.left < 0) throw new AnswerTooLarge()
  }
}

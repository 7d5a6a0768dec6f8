// What is looked for in a full-text index. The indexes change in the same transaction as the rows they index.

/** Tables with the columns that are searched, and the id of the row. */
export type SearchIndex = 'job_search' | 'testcase_search' | 'reason_search'

export interface SearchTerm {
  /** One or more words, which follow each other in a column. What separates words is not looked for. */
  text: string
  /** undefined: any column. */
  column?: string
  /**
   * Where the words are. The last one may be the beginning of a longer word, but not with `whole words`. Default:
   * anywhere.
   */
  match?: 'at the start' | 'whole words'
}

/** Terms as the engine writes them. */
export type SearchPattern = string & { readonly isSearchPattern: true }

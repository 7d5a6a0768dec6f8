// The query parameters of ResultsDB's API and their descriptions.

/** Descriptions by name. */
export type ParameterDescriptions = Record<string, string>

export const PAGE_SIZE = 20
export const MAX_PAGE_SIZE = 1000

/** Filters of results; any other name is a key of `data`. */
export const resultParameters: ParameterDescriptions = {
  outcome: 'Any of these, separated by commas: PASSED, INFO, FAILED, NEEDS_INSPECTION',
  testcases: 'Of any of these testcases, separated by commas',
  'testcases:like': 'The same, with `*` for anything',
  groups: 'Of any of these groups, separated by commas',
  since: 'Submitted at this time or later; with a second time behind a comma, until that',
}

export const groupParameters: ParameterDescriptions = {
  uuid: 'Any of these, separated by commas',
  description: 'With any of these descriptions, separated by commas',
  'description:like': 'The same, with `*` for anything',
}

export const resultsdbPageParameters: ParameterDescriptions = {
  page: 'From 0 on',
  limit: `Rows a page: 1 to ${MAX_PAGE_SIZE}, ${PAGE_SIZE} unless told`,
}

/** The parameters in OpenAPI's form. */
export function documented(parameters: ParameterDescriptions): object[] {
  return Object.entries(parameters).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }))
}

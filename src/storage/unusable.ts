/** What keeps a database file from being used, in a sentence for the person who started the program. */
export class DatabaseUnusable extends Error {}

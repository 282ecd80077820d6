/** Nothing to start yet: the database tests add their server here. */
export default function setup(): void {}

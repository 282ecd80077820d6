import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import pg from "pg";

/**
 * What the proxy does with a piece of what a client sends. "forward, then cut" lets the server see that the client
 * is gone, and give up what it is doing (client_connection_check_interval); "forward, lose the answer" keeps its end of
 * the line until the server has answered, then cuts.
 */
export type Treatment =
  | "forward"
  | "cut"
  | "forward, then cut"
  | "forward, lose the answer"
  | "forward, then say nothing more";

/** A line to the database that can be made to fail. */
export interface DatabaseProxy extends AsyncDisposable {
  readonly url: string;
  /** Judges everything that clients send from now on; default: forward. */
  treat: (sent: string) => Treatment;
}

/** Stands between clients and the database of `url`. */
export async function startProxy(url: string): Promise<DatabaseProxy> {
  const target = new pg.Client({ connectionString: url });
  const sockets = new Set<Socket>();
  const proxy: Pick<DatabaseProxy, "treat"> = { treat: () => "forward" };
  const server = createServer((client) => {
    const upstream = connectTo(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        if (!losesAnswer) upstream.end();
      });
    }
    let isMute = false;
    let losesAnswer = false;
    client.on("data", (chunk) => {
      const treatment = proxy.treat(chunk.toString("latin1"));
      if (treatment === "cut") return void client.destroy();
      if (treatment === "forward, then say nothing more") isMute = true;
      if (treatment === "forward, lose the answer") losesAnswer = true;
      upstream.write(chunk);
      if (treatment === "forward, then cut") client.destroy();
    });
    upstream.on("data", (chunk) => {
      if (losesAnswer) {
        losesAnswer = false;
        client.destroy();
        upstream.end();
      } else if (!isMute) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a port, got none");
  const login = `${encodeURIComponent(target.user ?? "")}:${encodeURIComponent(target.password ?? "")}`;
  return Object.assign(proxy, {
    url: `postgresql://${login}@127.0.0.1:${address.port}/${target.database}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function connectTo({ host, port }: pg.Client): Socket {
  return host.startsWith("/")
    ? createConnection(join(host, `.s.PGSQL.${port}`))
    : createConnection(port, host);
}

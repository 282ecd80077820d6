import { IsInt, IsOptional, Length, Min } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { DateTime, SafeInt } from "../graphql/scalars.ts";

/** A file to announce. */
@InputType({ description: "A file to announce." })
export class CreateUploadInput {
  @Field(() => String, {
    description: "Name of the file, 1 to 255 characters: for people, and to tell its format by the ending.",
  })
  @Length(1, 255)
  fileName!: string;

  @Field(() => SafeInt, {
    nullable: true,
    description: "Length of the file in bytes; when given, a file of another length is refused.",
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  byteLength?: number | null;
}

/** Where to send an announced file. */
@ObjectType({ simpleResolvers: true, description: "Where to send an announced file, once." })
export class Upload {
  @Field(() => ID, { description: "Opaque id: name it in the import that is to use the file." })
  readonly id!: string;

  @Field(() => String, {
    description: "Path on this server to send the bytes to, as the body, with the same bearer token.",
  })
  readonly url!: string;

  @Field(() => String, { description: "HTTP method to send it with: PUT." })
  readonly method!: string;

  @Field(() => DateTime, { description: "When the upload is forgotten, sent or not." })
  readonly expiresAt!: Date;
}

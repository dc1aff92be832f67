# A name server on 127.0.0.1:53, for a program in a network namespace.
# usage: perl names.pl NAME=ADDRESS,... NAME= ... -- COMMAND...
# Runs the command. A name without an address gets no response; "*" stands for every
# other name, which otherwise does not exist. Names below a name belong to it.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(inet_pton AF_INET AF_INET6);

my %addresses;
while (defined(my $word = shift @ARGV)) {
  last if $word eq '--';
  my ($name, $list) = $word =~ /^([^=]+)=(.*)$/ or die "bad word $word";
  $addresses{$name} = [split /,/, $list];
}

# of the name itself, or of the closest name above it; undef: no such name
sub find {
  my ($name) = @_;
  while ($name ne '') {
    return $addresses{$name} if $addresses{$name};
    last unless $name =~ s/^[^.]*\.//;
  }
  return $addresses{'*'};
}

sub respond {
  my ($packet) = @_;
  my ($id) = unpack 'n', $packet;
  my ($at, @labels) = (12);
  while (my $n = ord substr $packet, $at, 1) {
    push @labels, lc substr $packet, $at + 1, $n;
    $at += $n + 1;
  }
  my $type = unpack 'n', substr $packet, $at + 1, 2;
  my $found = find(join '.', @labels);
  return undef if $found && !@$found;
  my $family = $type == 1 ? AF_INET : $type == 28 ? AF_INET6 : undef;
  my @records = grep { defined } map { inet_pton $family, $_ } $found && $family ? @$found : ();
  my $response = pack('nnnnnn', $id, $found ? 0x8180 : 0x8183, 1, scalar @records, 0, 0)
    . substr($packet, 12, $at + 5 - 12);
  $response .= pack('nnnNn', 0xc00c, $type, 1, 60, length) . $_ for @records;
  return $response;
}

my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 53, Proto => 'udp')
  or die "port 53: $!";
my $parent = $$;
if (my $child = fork) {
  close $socket;
  exec @ARGV or die "$ARGV[0]: $!";
}
my $wait = IO::Select->new($socket);
while (getppid == $parent) {
  next unless $wait->can_read(0.5);
  my $from = $socket->recv(my $packet, 512) // next;
  my $response = respond($packet);
  $socket->send($response, 0, $from) if defined $response;
}

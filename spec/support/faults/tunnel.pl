# A proxy on 127.0.0.1 that accepts or refuses tunnels.  usage: perl tunnel.pl LOG BEHAVIOUR...
# Prints its port. The n-th connection gets the n-th behaviour, all later ones the last:
#   pass      a tunnel
#   403       this status (any other too), and a page
#   cut       200, then the end of the connection at the first bytes of the tunnel
#   garbage   200, then bytes that are not TLS
#   close     the end of the connection instead of a response
#   silent    no response
#   host      the behaviour that the name of the host begins with: "403.example.com"
# The head of each request is appended to LOG. It ends with its standard input.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($log, @behaviours) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
$| = 1;

sub head {
  my ($client) = @_;
  my $all = '';
  until ($all =~ /\r\n\r\n/) {
    sysread($client, $all, 65536, length $all) or return undef;
  }
  open my $file, '>>', $log or die $!;
  syswrite $file, $all;
  return $all;
}

sub copy_both {
  my ($client, $target) = @_;
  my $both = IO::Select->new($client, $target);
  my %other = ($client => $target, $target => $client);
  while (my @ready = $both->can_read) {
    for my $from (@ready) {
      my $n = sysread($from, my $piece, 65536) or return;
      my $at = 0;
      while ($at < $n) {
        my $written = syswrite($other{$from}, $piece, $n - $at, $at) or return;
        $at += $written;
      }
    }
  }
}

sub serve {
  my ($client, $behaviour) = @_;
  my $head = head($client) // return;
  my ($host, $port) = $head =~ /^CONNECT (\S+):(\d+) HTTP/ or return;
  ($behaviour) = $host =~ /^(\w+)/ if $behaviour eq 'host';
  return if $behaviour eq 'close';
  sleep 60 if $behaviour eq 'silent';
  if ($behaviour =~ /^\d+$/) {
    my $more = $behaviour == 407 ? "Proxy-Authenticate: Basic realm=\"x\"\r\n" : '';
    my $page = "<html>no</html>";
    syswrite $client, "HTTP/1.1 $behaviour No\r\n${more}Date: Thu, 01 Jan 2004 00:00:00 GMT\r\n"
      . "Content-Length: " . length($page) . "\r\nConnection: close\r\n\r\n$page";
    return;
  }
  my $target;
  if ($behaviour eq 'pass') {
    $target = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or return;
  }
  syswrite $client, "HTTP/1.1 200 Connection established\r\n\r\n";
  copy_both($client, $target) if $target;
  sysread($client, my $hello, 65536) unless $target;
  syswrite $client, "this is not TLS\n" if $behaviour eq 'garbage';
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 100,
  ReuseAddr => 1) or die $!;
print $listener->sockport, "\n";
my $wait = IO::Select->new($listener, \*STDIN);
my $count = 0;
while (my @ready = $wait->can_read) {
  exit unless grep { $_ == $listener } @ready;
  my $client = $listener->accept or next;
  my $behaviour = $behaviours[$count < $#behaviours ? $count : $#behaviours];
  $count++;
  next if fork;
  close $listener;
  close STDIN;
  serve($client, $behaviour);
  exit;
}
